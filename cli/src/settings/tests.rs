use super::*;

/// The configuration from a command line with `--data /data`, and a file.
fn configuration(given: Settings, file: &str) -> Result<Configuration, String> {
    let file: Settings = toml::from_str(file).map_err(|error| error.message().to_owned())?;
    let given = Settings { data: Some("/data".into()), ..given };
    given.over(file).configuration().map_err(|error| error.to_string())
}

#[test]
fn the_command_line_takes_precedence_over_the_file() {
    let given = Settings { window: Some(60), ..Settings::default() };
    let file = "domain = 'mfa.example.com'\nwindow = 120\nhttp = '127.0.0.1:9000'";
    let found = configuration(given, file).expect("valid settings");
    assert_eq!((found.window_seconds, found.http.port(), found.smtp.port()), (60, 9000, 2525));
    assert_eq!(found.resolver, Resolver::System);
}

#[test]
fn an_error_names_the_option_what_is_valid_and_what_was_given() {
    for (setting, expected) in [
        ("key = 'key.pem'", "--certificate needs --key, and --key needs --certificate. Give both or neither."),
        ("window = 0", "--window must be between 1 and 3600 seconds (got 0)."),
        ("window = 3601", "--window must be between 1 and 3600 seconds (got 3601)."),
        ("window = 65537", "--window must be between 1 and 3600 seconds (got 65537)."),
        (
            "resolver = 'dns.example'",
            "--resolver must be system, none or the address of a name server such as 192.0.2.53 (got \"dns.example\").",
        ),
        (
            "base-url = 'mfa.example.com'",
            "--base-url must be an http or https URL without a query, such as https://mfa.example.com (got \"mfa.example.com\").",
        ),
    ] {
        let file = format!("domain = 'mfa.example.com'\n{setting}");
        assert_eq!(configuration(Settings::default(), &file).expect_err("an error"), expected);
    }
    for (file, expected) in [
        ("", "--domain is missing. Give the mail domain of the relay, for example --domain mfa.example.com."),
        ("domain = 'a@b'", "--domain must be a mail domain such as mfa.example.com (got \"a@b\")."),
    ] {
        assert_eq!(configuration(Settings::default(), file).expect_err("an error"), expected);
    }
    let unknown = configuration(Settings::default(), "domian = 'mfa.example.com'").expect_err("an error");
    assert!(unknown.contains("unknown field `domian`"), "{unknown}");
}

#[test]
fn the_limits_of_the_window_are_valid() {
    for seconds in [1, 3600] {
        let given = Settings { window: Some(seconds), ..Settings::default() };
        let found = configuration(given, "domain = 'mfa.example.com'").expect("valid settings");
        assert_eq!(u64::from(found.window_seconds), seconds);
    }
}

#[test]
fn a_name_server_has_port_53_unless_another_is_given() {
    assert_eq!(resolver("192.0.2.53").ok(), Some(Resolver::At(SocketAddr::from(([192, 0, 2, 53], 53)))));
    assert_eq!(resolver("[::1]:5353").ok(), Some(Resolver::At("[::1]:5353".parse().expect("an address"))));
}
