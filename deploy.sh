#!/usr/bin/env bash
# Builds the functions and deploys the stack. Run it again at any time: only what differs is changed.
#
#   ./deploy.sh <region> <stack> <relay-address> [artifact-bucket]
#
# The other parameters of template.yaml come from the environment: WINDOW_SECONDS and LOG_RETENTION_DAYS, which a stack
# keeps until they are given anew, and ARCHITECTURE, which is x86_64 whenever arm64 is not given.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

region=${1:-} stack=${2:-} address=${3:-} bucket=${4:-} architecture=${ARCHITECTURE:-x86_64}

# ---- Is everything there? Every problem is told at once, before minutes go into a build. ----------------------------

problems=()
need() { "${@:2}" &>/dev/null || problems+=("$1"); }
matches() { [[ $1 =~ $2 ]]; }
receives_mail() { matches "$1" '^[a-z]+(-[a-z]+)+-[0-9]$' && grep -q -- "- $1\$" template.yaml; }
zig_runs() { zig version || python3 -m ziglang version; }
signed_in() { ! command -v aws || aws sts get-caller-identity; }

need "usage: ./deploy.sh <region> <stack> <relay-address> [artifact-bucket]" matches $# '^[34]$'
need "region '$region': must be one in which SES receives mail, e.g. eu-west-1; template.yaml lists them" \
  receives_mail "$region"
# CloudFormation makes the rule set's name from the stack's, and SES allows 64 characters there.
need "stack '$stack': must be letters, digits and hyphens, a letter first, 40 at most" \
  matches "$stack" '^[A-Za-z][A-Za-z0-9-]{0,39}$'
need "relay address '$address': must be lower case and without a +, e.g. arlo@mfa.example.com" \
  matches "$address" '^[a-z0-9][a-z0-9._-]{0,29}@([a-z0-9-]+\.)+[a-z]{2,}$'
need "artifact bucket '$bucket': must be the name of a bucket in the region" \
  matches "$bucket" '^([a-z0-9][a-z0-9.-]+)?$'
need "ARCHITECTURE '$architecture': must be x86_64 or arm64" matches "$architecture" '^(x86_64|arm64)$'
need "cargo is missing: install Rust as https://rustup.rs says" command -v cargo
need "cargo-lambda is missing: pip install cargo-lambda" command -v cargo-lambda
need "zig, with which cargo-lambda links, is missing: pip install ziglang" zig_runs
need "sam is missing: pip install aws-sam-cli" command -v sam
need "aws is missing: pip install awscli" command -v aws
need "aws is not signed in: run 'aws configure' or 'aws sso login'" signed_in

if ((${#problems[@]})); then
  printf '%s\n' "deploy.sh has done nothing yet:" "${problems[@]/#/  - }" >&2
  exit 2
fi

# ---- Build and deploy ------------------------------------------------------------------------------------------------

parameters=("RelayAddress=$address" "Architecture=$architecture")
[[ -z ${WINDOW_SECONDS:-} ]] || parameters+=("WindowSeconds=$WINDOW_SECONDS")
[[ -z ${LOG_RETENTION_DAYS:-} ]] || parameters+=("LogRetentionDays=$LOG_RETENTION_DAYS")
if [[ $bucket ]]; then artifacts=(--s3-bucket "$bucket" --s3-prefix "$stack"); else artifacts=(--resolve-s3); fi

# --x86-64 or --arm64; and where template.yaml looks, wherever else cargo's own target folder may be.
cargo lambda build --package functions --release --locked "--${architecture/_/-}" --lambda-dir target/lambda
sam deploy --region "$region" --stack-name "$stack" "${artifacts[@]}" --parameter-overrides "${parameters[@]}"

# ---- What is left to do by hand --------------------------------------------------------------------------------------

output() {
  aws cloudformation describe-stacks --region "$region" --stack-name "$stack" \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}
mx_record=$(output MxRecord)
rule_set=$(output RuleSetName)
prestage_url=$(output PrestageUrl)
domain=${address#*@}

cat <<TEXT

The stack $stack stands. Its clients open their requests at
  $prestage_url

Once for each new stack, these steps are left to you:

1. Show SES that $domain is yours, unless it knows already. This prints a token:
     aws ses verify-domain-identity --region $region --domain $domain --query VerificationToken --output text
   Put it into the domain's DNS:
     _amazonses.$domain. TXT "<the token>"
   and wait until this prints Success:
     aws ses get-identity-verification-attributes --region $region --identities $domain \\
       --query 'VerificationAttributes.*.VerificationStatus' --output text

2. Lead the domain's mail to SES, in its DNS:
     $mx_record

3. Switch receiving on. A region has one active rule set; should the first command name one of yours, then the
   second would switch that one off:
     aws ses describe-active-receipt-rule-set --region $region --query Metadata.Name --output text
     aws ses set-active-receipt-rule-set --region $region --rule-set-name $rule_set

4. Enrol your mailbox. The answer holds the address to forward its mails to and, this once, its token:
     sam remote invoke Enroll --region $region --stack-name $stack \\
       --event '{"action": "add", "mailbox": "me@gmail.com", "label": "home"}'
TEXT
