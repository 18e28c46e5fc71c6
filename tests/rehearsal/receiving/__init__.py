"""Amazon SES as it receives mail: one SMTP server for each region, in the place of inbound-smtp.<region>.amazonaws.com.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html
"""
