//! What has to be found.

/// Numbers that look like chance, and are the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize
    }

    fn of(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| letters[self.next() % letters.len()]).collect()
    }
}

const ALL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Row, beginning, alphabet, and how many of it. The beginnings are in two, for scanners of repositories.
#[rustfmt::skip]
const SHAPES: &[(&str, &[&str], &str, usize)] = &[
    ("age_key",            &["AGE-SECRET", "-KEY-1"],  UPPER, 58),
    ("anthropic_key",      &["sk-", "ant-api03-"],     ALL,   95),
    ("atlassian_token",    &["ATA", "TT3xFfGF0"],      ALL,  180),
    ("aws_access_key",     &["AK", "IA"],              UPPER, 16),
    ("crates_token",       &["ci", "o"],               ALL,   32),
    ("databricks_token",   &["da", "pi"],              HEX,   32),
    ("digitalocean_token", &["dop", "_v1_"],           HEX,   64),
    ("docker_token",       &["dckr", "_pat_"],         ALL,   27),
    ("doppler_token",      &["dp.", "pt."],            ALL,   43),
    ("fireworks_key",      &["fw", "_"],               ALL,   24),
    ("github_token",       &["gh", "p_"],              ALL,   36),
    ("github_token",       &["github", "_pat_"],       ALL,   82),
    ("gitlab_token",       &["gl", "pat-"],            ALL,   20),
    ("google_key",         &["AI", "za"],              ALL,   35),
    ("google_key",         &["GOC", "SPX-"],           ALL,   28),
    ("grafana_token",      &["gl", "c_"],              ALL,   60),
    ("groq_key",           &["gs", "k_"],              ALL,   52),
    ("huggingface_token",  &["h", "f_"],               ALL,   34),
    ("langsmith_key",      &["lsv2", "_pt_"],          HEX,   32),
    ("linear_key",         &["lin", "_api_"],          ALL,   40),
    ("mailgun_key",        &["ke", "y-"],              HEX,   32),
    ("newrelic_key",       &["NR", "AK-"],             UPPER, 27),
    ("notion_token",       &["secr", "et_"],           ALL,   43),
    ("npm_token",          &["np", "m_"],              ALL,   36),
    ("nvidia_key",         &["nv", "api-"],            ALL,   64),
    ("openai_key",         &["sk", "-"],               ALL,   48),
    ("openai_key",         &["sk-", "proj-"],          ALL,  120),
    ("openai_key",         &["sk", "-"],               HEX,   32),
    ("openai_key",         &["sk-or", "-v1-"],         HEX,   64),
    ("perplexity_key",     &["pp", "lx-"],             ALL,   48),
    ("pypi_token",         &["py", "pi-AgEIcHlwaS5vcmc"], ALL, 120),
    ("replicate_token",    &["r", "8_"],               ALL,   37),
    ("rubygems_key",       &["ruby", "gems_"],         HEX,   48),
    ("sentry_token",       &["sntr", "ys_"],           ALL,   60),
    ("shopify_token",      &["shp", "at_"],            HEX,   32),
    ("slack_token",        &["xo", "xb-"],             ALL,   40),
    ("stripe_key",         &["sk_", "live_"],          ALL,   24),
    ("stripe_key",         &["rk_", "test_"],          ALL,   24),
    ("supabase_token",     &["sb", "p_"],              HEX,   40),
    ("tavily_key",         &["tv", "ly-"],             ALL,   32),
    ("vault_token",        &["hv", "s."],              ALL,   24),
    ("xai_key",            &["xa", "i-"],              ALL,   80),
];

/// Tokens that are known wherever they stand.
pub(super) fn tokens() -> Vec<(&'static str, String)> {
    let mut chance = Chance(7);
    let mut tokens: Vec<(&str, String)> = SHAPES
        .iter()
        .map(|(row, begin, letters, length)| (*row, begin.concat() + &chance.of(letters, *length)))
        .collect();
    let mut piece = |length: usize| chance.of(ALL, length);
    tokens.push(("jwt", ["ey", "JhbGciOiJIUzI1NiJ9.ey"].concat() + &piece(60) + "." + &piece(43)));
    tokens.push(("sendgrid_key", ["S", "G."].concat() + &piece(22) + "." + &piece(43)));
    tokens.push(("telegram_token", ["5123456789:", "AA"].concat() + &piece(33)));
    let uuid = "1f9c2a7e-4b7d-4c1e-9a53-0c8e7d6b5a41";
    tokens.push(("langfuse_key", ["sk-", "lf-"].concat() + uuid));
    tokens
}

/// Row, what stands before, what has to go, what stands behind.
#[rustfmt::skip]
pub(super) const IN_PLACE: &[(&str, &str, &str, &str)] = &[
    ("azure_signature",  "https://a.blob.core.windows.net/c/f?sv=2022-11-02&se=2026-01-01&sig=", "pT3zQv8LmN0cRk5YwUa7Jx2BdHs9GfEo1Ti6Xy4ZKMw%3D", "&sp=r"),
    ("azure_signature",  "https://b.s3.amazonaws.com/k?X-Amz-Expires=900&X-Amz-Signature=", "5f2c9e1a7b3d8064e1c2f3a4b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8", ""),
    ("azure_signature",  "GET /o?X-Goog-Signature=", "8c1f0e9d7b6a5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f", " 200"),
    ("basic_auth",       "Authorization: Basic ", "dXNlcjpodW50ZXIyMTIz", ""),
    ("basic_auth",       "-H 'proxy: basic ", "YWRhOmxvdmVsYWNlLTE4MTU=", "'"),
    ("basic_auth",       r#"{\"h\":\"Basic "#, "b3BlcmF0b3I6czNjcjN0IQ==", r#"\"}"#),
    ("bearer_token",     "curl -H 'Authorization: Bearer ", "a8f5f167f44f4964e6c998dee827110c", "' https://x"),
    ("bearer_token",     "the header was bearer ", "0b79bab50daca910b000d4f1a2b675d6", ", and it failed"),
    ("bearer_token",     r#"{\"auth\": \"Bearer "#, "2YotnFZFEjr1zCsicMWpAA", r#"\"}"#),
    ("bearer_token",     "?h=Bearer%20", "2YotnFZFEjr1zCsicMWpAA", "&x=1"),
    ("credential",       "password=", "hunter2", ""),
    ("credential",       "POST /login?user=ada&password=", "correcthorse", "&next=/"),
    ("credential",       "db_password: ", "s3cr3t!pass", "\nhost: db"),
    ("credential",       "{\"password\": \"", "tr0ub4dor", "\"}"),
    ("credential",       "{\"a\": \"{\\\"password\\\": \\\"", "tr0ub4dor&3", "\\\"}\"}"),
    ("credential",       "{\"user\":\"ada\",\"apiKey\":\"", "9d5e3ecdeb4cdb7acfd63075ae046672", "\",\"n\":1}"),
    ("credential",       "\"api_key\" : \"", "zxcvbnm12345", "\""),
    ("credential",       "OPENAI_API_KEY=", "my-own-proxy-key-1", " python run.py"),
    ("credential",       "const clientSecret = \"", "Zm9vYmFyYmF6", "\";"),
    ("credential",       "client_secret='", "q1w2e3r4t5y6", "'"),
    ("credential",       "AWS_SECRET_ACCESS_KEY=", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""),
    ("credential",       "\"SecretAccessKey\": \"", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "\""),
    ("credential",       "aws_session_token = ", "IQoJb3JpZ2luX2VjEJr12345abcdefGHIJ", ""),
    ("credential",       "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq==", ";EndpointSuffix=core"),
    ("credential",       "Server=db;Database=x;User Id=sa;Password=", "P@ssw0rd1", ";Encrypt=true"),
    ("credential",       "Server=db;Uid=root;Pwd=", "toor", ";"),
    ("credential",       "config[\"secret_key\"] = \"", "django-insecure-x7", "\""),
    ("credential",       "SECRET_KEY_BASE=", "0a1b2c3d4e5f6071", ""),
    ("credential",       "X-API-Key: ", "d41d8cd98f00b204e9800998", "\r\nAccept: */*"),
    ("credential",       "'passphrase' => '", "open sesame 7", "',"),
    ("credential",       "<password>", "gr33nGrass", "</password>"),
    ("credential",       "access_token=", "ya30xA0ARrdaM8kQ1", "&expires_in=3600"),
    ("credential",       "{\"refresh_token\":\"", "1//0gLu8z9Kq", "\"}"),
    ("credential",       "\"token\": \"", "0f4d3c2b1a998877", "\""),
    ("credential",       "Authorization: token ", "e72e16c7e42f292c6912e7710c838347ae178b4a", ""),
    ("credential",       "encryption-key: \"", "k3yk3yk3yk3y", "\""),
    ("credential",       "Cookie: ", "sid=31d4d96e407aad42b1f", "; theme=dark"),
    ("credential",       "credentials: ", "dGhpcyBpcyBhIGtleTEyMw", ""),
    ("credential_flag",  "mysql -h db --password ", "Winter2026", " app"),
    ("credential_flag",  "tool --api-key ", "A1b2C3d4", " run"),
    ("credential_flag",  "vault login --token '", "s.Xy12Zq9", "'"),
    ("credential_flag",  "cli --client-secret \"", "8Q~abcDEF", "\" --verbose"),
    ("credential_named", "my password is ", "hunter2", ", do not tell"),
    ("credential_named", "The API key is: ", "abc123def456", "."),
    ("credential_named", "Mein Passwort lautet ", "Sommer2026!", ""),
    ("credential_named", "the password was 'correct ", "horse battery", "' then"),
    ("login",            "curl -u ada:", "lovelace1815", " https://x.org"),
    ("login",            "curl --user 'admin:", "s3same", "' https://x.org"),
    ("login",            "curl -u \\\"bob:", "builder99", "\\\" https://x"),
    ("url_password",     "postgres://app:", "s3cr3t", "@db.internal:5432/app"),
    ("url_password",     "mongodb+srv://root:", "p%40ss", "@cluster0.abcde.mongodb.net/x"),
    ("url_password",     "redis://:", "f00bared", "@10.0.0.7:6379/0"),
    ("url_password",     "DATABASE is mysql://root:", "p@ss", "@localhost/db"),
    ("url_password",     "git clone https://ada:", "tokentokentoken", "@git.example.com/x.git"),
    ("url_password",     "amqp:\\/\\/guest:", "gu3st", "@mq\\/vhost"),
    ("url_password",     "dsn root:", "pa55", "@tcp(127.0.0.1:3306)/app"),
    ("email",            "write to ", "ada.lovelace@example.org", " today"),
    ("email",            "<", "bob+news@mail.example.co.uk", ">"),
    ("email",            "{\"to\":\"", "carol_99@example.io", "\"}"),
    ("email",            "{\"a\":\"{\\\"to\\\":\\\"", "dave@ex-ample.com", "\\\"}\"}"),
    ("email",            "mailto:", "eve@example.net", "?subject=x"),
    ("email",            "?mail=", "frank%40example.com", "&x=1"),
    ("email",            "von ", "jörg.müller@bücher.de", " an"),
    ("email",            "author = \"Grace ", "grace@navy.mil", "\""),
    ("email",            "line\\n", "heidi@example.com", "\\nend"),
    ("email",            "CC: ", "IVAN@EXAMPLE.COM", ", others"),
    ("email",            "user=", "judy@corp.example", ";x"),
    ("email",            "(", "o'brien@example.ie", ")."),
    ("phone",            "call ", "+49 30 1234567", " today"),
    ("phone",            "tel:", "+14155552671", ""),
    ("phone",            "reach me at ", "(415) 555-2671", "."),
    ("phone",            "fax ", "415-555-2671", ""),
    ("phone",            "or ", "212.555.0187", ", office"),
    ("phone",            "Telefon ", "030 12345678", ""),
    ("phone",            "mobil ", "0171/1234567", " abends"),
    ("phone",            "{\"phone\":\"", "2125550187", "\"}"),
    ("phone",            "{\\\"phone_number\\\":\\\"", "+442079460958", "\\\"}"),
    ("phone",            "ruf ", "+49 (0)30 901820", " an"),
    ("phone",            "UK ", "+44 20 7946 0958", ""),
    ("phone",            "FR ", "+33 1 70 18 99 00", ""),
    ("phone",            "from abroad ", "0049 30 1234567", ""),
    ("phone",            "toll free ", "1-800-555-0199", "!"),
    ("card",             "card ", "4111 1111 1111 1111", " exp 12/29"),
    ("card",             "{\"pan\":\"", "5555555555554444", "\"}"),
    ("card",             "amex ", "3782 822463 10005", ""),
    ("card",             "amex ", "371449635398431", ""),
    ("card",             "disc ", "6011-1111-1111-1117", ";"),
    ("card",             "jcb ", "3530111333300000", ""),
    ("card",             "diners ", "30569309025904", ""),
    ("card",             "old visa ", "4222222222222", "."),
    ("card",             "mc2 ", "2223003122003222", ""),
    ("card",             "escaped\\n", "4012888888881881", "\\n"),
    ("card",             "order 12 ", "4111-1111-1111-1111", " 123"),
    ("card",             "union ", "6200000000000005", ""),
    ("ip_v4",            "from ", "203.0.113.7", " port 22"),
    ("ip_v4",            "http://", "192.168.1.10", ":8080/x"),
    ("ip_v4",            "{\"ip\":\"", "198.51.100.23", "\"}"),
    ("ip_v4",            "{\\\"ip\\\":\\\"", "10.1.2.3", "\\\"}"),
    ("ip_v4",            "allow ", "172.16.0.0", "/12"),
    ("ip_v4",            "last was ", "8.8.8.8", "."),
    ("ip_v4",            "a\\n", "10.20.30.40", "\\nb"),
    ("ip_v4",            "ssh root@", "203.0.113.99", ""),
    ("ip_v6",            "from ", "2001:db8::8a2e:370:7334", " ok"),
    ("ip_v6",            "http://[", "2001:db8:85a3::7334", "]:80/"),
    ("ip_v6",            "link ", "fe80::1ff:fe23:4567:890a", "%eth0"),
    ("ip_v6",            "{\"ip\":\"", "2606:4700:4700::1111", "\"}"),
    ("ip_v6",            "full ", "2001:0db8:0000:0000:0000:ff00:0042:8329", ","),
    ("ip_v6",            "mapped ", "::ffff:203.0.113.7", ""),
    ("ip_v6",            "ula ", "fd12:3456:789a:1::1", "/64"),
    ("env",              "REGION=", "frankfurt-42", " ./run.sh"),
    ("env",              "export region=", "frankfurt-42", ""),
    ("env",              "export NAME=\"", "Ada Lovelace", "\"; ./run"),
    ("env",              "export NAME='", "Ada Lovelace", "'\nls"),
    ("env",              "env STAGE=", "canary-seven", " cargo run"),
    ("env",              "docker run -e HOSTING=", "onprem-west", " image"),
    ("env",              "docker run --env=HOSTING=", "onprem-west", " image"),
    ("env",              "docker run --env hosting=", "onprem-west", " image"),
    ("env",              "A_ONE=1 B_TWO=", "seventeen", " cmd"),
    ("env",              "cd /x && LICENSE_OWNER=", "initech", " make"),
    ("env",              "bash -c \"OWNER=", "initech", " make\""),
    ("env",              "{\\\"command\\\":\\\"OWNER=", "initech", " make\\\"}"),
    ("env",              "# .env\nCOMPANY=", "initech", "\nOTHER=1"),
    ("env",              "x\\nCOMPANY=", "initech", "\\nOTHER=1"),
    ("env",              "Environment=OWNER=", "initech", ""),
    ("env_member",       "{\"env\": {\"OWNER\": \"", "initech", "\", \"B\": \"c\"}}"),
    ("env_member",       "{\"env\":{\"A\":\"b\",\"OWNER\":\"", "initech", "\"}}"),
    ("env_member",       "{\"environment\": {\"owner\": \"", "initech", "\"}}"),
    ("env_member",       "{\\\"env\\\": {\\\"OWNER\\\": \\\"", "initech", "\\\"}}"),
    ("env_member",       "\"Env\": [\"OWNER=", "initech", "\", \"B=c\"]"),
    ("env_member",       "\"env\": {\n  \"A\": 1,\n  \"OWNER\": \"", "initech", "\"\n}"),
    ("env_statement",    "setenv OWNER ", "initech", "\nls"),
    ("env_statement",    "set -x OWNER ", "initech", "; ls"),
    ("env_statement",    "$env:OWNER = \"", "initech", "\""),
    ("env_statement",    "FROM x\nENV OWNER ", "initech", "\nRUN y"),
];

/// What cannot be written down: keys in lines, and data.
pub(super) fn made() -> Vec<(&'static str, String, String)> {
    let mut chance = Chance(11);
    let mut made = Vec::new();
    for (kind, break_) in
        [("", "\n"), ("RSA ", "\n"), ("EC ", "\\n"), ("OPENSSH ", "\r\n"), ("ENCRYPTED ", "\\r\\n"), ("", " ")]
    {
        let lines: Vec<String> = (0..12).map(|_| chance.of(ALL, 64)).collect();
        let head = ["-----BEGIN ", kind, "PRIVATE", " KEY-----"].concat();
        let key = format!("{head}{break_}{}{break_}-----END {kind}PRIVATE KEY-----", lines.join(break_));
        made.push(("private_key", format!("{{\"private_key\":\"{key}{break_}\"}}"), lines[5].clone()));
        made.push(("private_key", format!("cut: {head}{break_}{}", lines.join(break_)), lines[11].clone()));
        made.push(("private_key", format!("the key:{break_}{key} and more"), lines[0].clone()));
    }
    let id = ["AK", "IA"].concat() + &chance.of(UPPER, 16);
    let secret = chance.of(ALL, 40);
    made.push(("aws_access_key", format!("{id} / {secret}"), secret.clone()));
    made.push(("aws_access_key", format!("{id}\n{secret}\n"), secret));
    let hook = ["https://hooks.slack", ".com/services/T00000000/B00000000/"].concat() + &chance.of(ALL, 24);
    made.push(("slack_token", format!("post to {hook}"), hook[30..].to_owned()));
    media(&mut chance, &mut made);
    made
}

fn media(chance: &mut Chance, made: &mut Vec<(&'static str, String, String)>) {
    let begins = [
        "iVBORw0KGgoAAAANSUhEUgAA",
        "/9j/4AAQSkZJRgABAQEA",
        "R0lGODlhAQABAIAA",
        "UklGRiQAAABXRUJQVlA4",
        "SUQzBAAAAAAA",
        "T2dnUwACAAAA",
        "JVBERi0xLjcK",
    ];
    for begin in begins {
        let data = begin.to_owned() + &chance.of(ALL, 100);
        made.push(("media", format!("here: {data} end"), data[40..80].to_owned()));
        made.push(("media", format!("{{\"data\":\"{data}==\"}}"), data[20..60].to_owned()));
        made.push(("media", format!("![x](data:image/png;base64,{data}=)"), data[20..60].to_owned()));
        let long = chance.of(ALL, 700);
        made.push(("media", format!("{{\\\"bytes\\\":\\\"{long}\\\"}}"), long[300..360].to_owned()));
        let lines: Vec<&str> =
            long.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
        made.push(("media", format!("x:\n{}\nend", lines.join("\n")), lines[0].to_owned()));
        made.push(("media", format!("x:\\n{}\\nend", lines.join("\\n")), lines[8].to_owned()));
    }
    made.push(("media", "data:;base64,c2hvcnQ=".into(), "c2hvcnQ".into()));
    made.push((
        "media",
        "url('data:image/svg+xml;utf8,<svg id=\"a\"><text>inside</text></svg>')".into(),
        "inside".into(),
    ));
    made.push(("media", "data:image/svg+xml,%3Csvg%20id%3Dinside%3E%3C/svg%3E rest".into(), "inside".into()));
}
