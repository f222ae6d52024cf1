package config

import (
	"strings"
	"testing"
)

// The lines that several settings share.
const (
	sayOrigin   = "must be an origin such as https://pazpaz.example.org"
	sayBare     = "must be an origin only, without user, path, query or fragment"
	sayHTTPS    = "must start with https:// because the host is not this machine"
	sayDB       = "must be sqlite:path or postgres://user:password@host:5432/database"
	sayDBParts  = "must name host and database: postgres://user:password@host:5432/database"
	sayDBFile   = "must be sqlite: and a path, without // in front, ? and #"
	sayDBSame   = "must be the same database as PAZPAZ_DATABASE_URL, with another user"
	sayCache    = "must be memory: or redis://user:password@host:6379/0 (rediss:// with TLS)"
	sayPost     = "must be console: or smtp://user:password@host:587 (smtps:// with TLS from the start)"
	sayPostBoth = "must name both user and password, or neither"
	sayPostTLS  = "must have no option but tls=none, for smtp:// to this machine"
	sayFrom     = "must be one address such as PazPaz <no-reply@example.org>"
	sayNoKey    = "Encryption key not found: must be base64 of 32 random bytes, or lines v1:BASE64"
	sayShort    = "must be at least 32 characters; `openssl rand -base64 48` makes a good one"
	sayUniform  = "must have at least 10 different characters; `openssl rand -base64 48` makes a good one"
	sayFiller   = "is a placeholder; `openssl rand -base64 48` makes a good one"
	sayProxies  = "must be addresses or ranges with commas between, for example 10.0.0.0/8, 192.0.2.1"
	sayLoopback = "must be an address of this machine only, such as 127.0.0.1:9090, or PAZPAZ_METRICS_REMOTE must be yes"
	sayWide     = "must not contain a /0 range: everybody could then claim any address"
)

// badConfigs are refused with exactly these lines. Passwords and keys in them contain "hunter2", which no line may repeat.
var badConfigs = []struct{ entry, want string }{
	{"PAZPAZ_ADR=x", "PAZPAZ_ADR: unknown setting; did you mean PAZPAZ_ADDR?"},
	{"PAZPAZ_DATADIR=x", "PAZPAZ_DATADIR: unknown setting; did you mean PAZPAZ_DATA_DIR?"},
	{"PAZPAZ_SECRET_KEY=hunter2", "PAZPAZ_SECRET_KEY: unknown setting; docs/settings.md lists them all"},
	{"PAZPAZ_MAIL_FORM=x", "PAZPAZ_MAIL_FORM: unknown setting; did you mean PAZPAZ_MAIL_FROM?"},
	{"PAZPAZ_SESSION_IDLE_MINUTE=5", "PAZPAZ_SESSION_IDLE_MINUTE: unknown setting; did you mean PAZPAZ_SESSION_IDLE_MINUTES?"},
	{"pazpaz_log_level=info", "pazpaz_log_level: unknown setting; did you mean PAZPAZ_LOG_LEVEL?"},
	{"PAZPAZ_TELEPORT=1", "PAZPAZ_TELEPORT: unknown setting; docs/settings.md lists them all"},
	{"PAZPAZ_=1", "PAZPAZ_: unknown setting; docs/settings.md lists them all"},
	{"PAZPAZ_UNKNOWN_AND_EMPTY=", "PAZPAZ_UNKNOWN_AND_EMPTY: unknown setting; docs/settings.md lists them all"},

	{"PAZPAZ_DATA_DIR=/", `PAZPAZ_DATA_DIR: must not be the root folder (got "/")`},
	{"PAZPAZ_DATA_DIR=a?b", `PAZPAZ_DATA_DIR: must be a folder without control characters, ? and # (got "a?b")`},
	{"PAZPAZ_DATA_DIR=a\nb", `PAZPAZ_DATA_DIR: must be a folder without control characters, ? and # (got "a\nb")`},

	{"PAZPAZ_ADDR=8080", `PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got "8080")`},
	{"PAZPAZ_ADDR=localhost", `PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got "localhost")`},
	{"PAZPAZ_ADDR=127.0.0.1:http", `PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got "127.0.0.1:http")`},
	{"PAZPAZ_ADDR=127.0.0.1:65536", `PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got "127.0.0.1:65536")`},
	{"PAZPAZ_ADDR=a b:80", `PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got "a b:80")`},
	{"PAZPAZ_ADDR=[fe80::1%eth0]:80", `PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got "[fe80::1%eth0]:80")`},
	{"PAZPAZ_ADDR=http://localhost:80", `PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got "http://localhost:80")`},
	{"PAZPAZ_ADDR=0.0.0.0:80", `PAZPAZ_PUBLIC_URL: ` + sayHTTPS + ` (default "http://0.0.0.0:80")`},
	{"PAZPAZ_ADDR=:80", `PAZPAZ_PUBLIC_URL: ` + sayOrigin + ` (default "http://:80")`},

	{"PAZPAZ_METRICS_ADDR=9090", `PAZPAZ_METRICS_ADDR: must be host:port, for example 127.0.0.1:9090 (got "9090")`},
	{"PAZPAZ_METRICS_ADDR=0.0.0.0:9090", `PAZPAZ_METRICS_ADDR: ` + sayLoopback + ` (got "0.0.0.0:9090")`},
	{"PAZPAZ_METRICS_ADDR=:9090", `PAZPAZ_METRICS_ADDR: ` + sayLoopback + ` (got ":9090")`},
	{"PAZPAZ_METRICS_ADDR=metrics.example:9090", `PAZPAZ_METRICS_ADDR: ` + sayLoopback + ` (got "metrics.example:9090")`},
	{"PAZPAZ_METRICS_ADDR=127.0.0.1:8080", `PAZPAZ_METRICS_ADDR: must be another address than PAZPAZ_ADDR (got "127.0.0.1:8080")`},
	{"PAZPAZ_METRICS_REMOTE=maybe", `PAZPAZ_METRICS_REMOTE: must be yes or no (got "maybe")`},

	{"PAZPAZ_PUBLIC_URL=pazpaz.example", `PAZPAZ_PUBLIC_URL: ` + sayOrigin + ` (got "pazpaz.example")`},
	{"PAZPAZ_PUBLIC_URL=ftp://localhost", `PAZPAZ_PUBLIC_URL: ` + sayOrigin + ` (got "ftp://localhost")`},
	{"PAZPAZ_PUBLIC_URL=https://", `PAZPAZ_PUBLIC_URL: ` + sayOrigin + ` (got "https://")`},
	{"PAZPAZ_PUBLIC_URL=https://a_b.example", `PAZPAZ_PUBLIC_URL: ` + sayOrigin + ` (got "https://a_b.example")`},
	{"PAZPAZ_PUBLIC_URL=https://פז.example", `PAZPAZ_PUBLIC_URL: ` + sayOrigin + ` (got "https://פז.example")`},
	{"PAZPAZ_PUBLIC_URL=https://h:99999", `PAZPAZ_PUBLIC_URL: ` + sayOrigin + ` (got "https://h:99999")`},
	{"PAZPAZ_PUBLIC_URL=https://h/app", `PAZPAZ_PUBLIC_URL: ` + sayBare + ` (got "https://h/app")`},
	{"PAZPAZ_PUBLIC_URL=https://h?x", `PAZPAZ_PUBLIC_URL: ` + sayBare + ` (got "https://h?x")`},
	{"PAZPAZ_PUBLIC_URL=https://h#x", `PAZPAZ_PUBLIC_URL: ` + sayBare + ` (got "https://h#x")`},
	{"PAZPAZ_PUBLIC_URL=https://u:hunter2@h", `PAZPAZ_PUBLIC_URL: ` + sayBare + ` (got "https://u:xxxxx@h")`},
	{"PAZPAZ_PUBLIC_URL=http://h", `PAZPAZ_PUBLIC_URL: ` + sayHTTPS + ` (got "http://h")`},
	{"PAZPAZ_PUBLIC_URL=http://192.168.1.2", `PAZPAZ_PUBLIC_URL: ` + sayHTTPS + ` (got "http://192.168.1.2")`},
	{"PAZPAZ_PUBLIC_URL=http://localhost.example", `PAZPAZ_PUBLIC_URL: ` + sayHTTPS + ` (got "http://localhost.example")`},
	{"PAZPAZ_PUBLIC_URL=http://notlocalhost", `PAZPAZ_PUBLIC_URL: ` + sayHTTPS + ` (got "http://notlocalhost")`},

	{"PAZPAZ_DATABASE_URL=mysql://u:hunter2@h/d", "PAZPAZ_DATABASE_URL: " + sayDB},
	{"DATABASE_URL=mysql://u:hunter2@h/d", "DATABASE_URL: " + sayDB},
	{"PAZPAZ_DATABASE_URL=postgres://u:hunter2@h:x/d", "PAZPAZ_DATABASE_URL: " + sayDB},
	{"PAZPAZ_DATABASE_URL=postgres://u:hunter2@h", "PAZPAZ_DATABASE_URL: " + sayDBParts},
	{"PAZPAZ_DATABASE_URL=postgres:///d", "PAZPAZ_DATABASE_URL: " + sayDBParts},
	{"PAZPAZ_DATABASE_URL=postgresql+psycopg://u:hunter2@h/d", "PAZPAZ_DATABASE_URL: " + sayDB},
	{"PAZPAZ_DATABASE_URL=/var/x.db", "PAZPAZ_DATABASE_URL: " + sayDB},
	{"PAZPAZ_DATABASE_URL=sqlite:", "PAZPAZ_DATABASE_URL: " + sayDBFile},
	{"PAZPAZ_DATABASE_URL=sqlite:///x.db", "PAZPAZ_DATABASE_URL: " + sayDBFile},
	{"PAZPAZ_DATABASE_URL=sqlite:x.db?_pragma=foreign_keys(0)", "PAZPAZ_DATABASE_URL: " + sayDBFile},
	{"PAZPAZ_DATABASE_OWNER_URL=postgres://o:hunter2@h/d", "PAZPAZ_DATABASE_OWNER_URL: " + sayDBSame},
	{"PAZPAZ_DATABASE_OWNER_URL=sqlite:other.db", "PAZPAZ_DATABASE_OWNER_URL: " + sayDBSame},

	{"PAZPAZ_REDIS_URL=hunter2", "PAZPAZ_REDIS_URL: " + sayCache},
	{"REDIS_URL=http://:hunter2@h", "REDIS_URL: " + sayCache},
	{"PAZPAZ_REDIS_URL=redis://", "PAZPAZ_REDIS_URL: " + sayCache},
	{"PAZPAZ_REDIS_URL=redis://:hunter2@h:x", "PAZPAZ_REDIS_URL: " + sayCache},
	{"PAZPAZ_REDIS_URL=redis://:hunter2@h/one", "PAZPAZ_REDIS_URL: must end in the number of the database, for example /0"},

	{"PAZPAZ_MAIL_URL=console", "PAZPAZ_MAIL_URL: " + sayPost},
	{"PAZPAZ_MAIL_URL=smtp://u:hunter2@", "PAZPAZ_MAIL_URL: " + sayPost},
	{"PAZPAZ_MAIL_URL=smtp://u:hunter2@h/x", "PAZPAZ_MAIL_URL: " + sayPost},
	{"PAZPAZ_MAIL_URL=smtp://u:hunter2@h:0", "PAZPAZ_MAIL_URL: " + sayPost},
	{"PAZPAZ_MAIL_URL=smtp://u@h", "PAZPAZ_MAIL_URL: " + sayPostBoth},
	{"PAZPAZ_MAIL_URL=smtp://:hunter2@h", "PAZPAZ_MAIL_URL: " + sayPostBoth},
	{"PAZPAZ_MAIL_URL=smtp://u:hunter2@mail.example?tls=none", "PAZPAZ_MAIL_URL: " + sayPostTLS},
	{"PAZPAZ_MAIL_URL=smtps://u:hunter2@localhost?tls=none", "PAZPAZ_MAIL_URL: " + sayPostTLS},
	{"PAZPAZ_MAIL_URL=smtp://localhost?starttls=maybe", "PAZPAZ_MAIL_URL: " + sayPostTLS},
	{"PAZPAZ_MAIL_FROM=PazPaz", `PAZPAZ_MAIL_FROM: ` + sayFrom + ` (got "PazPaz")`},
	{"PAZPAZ_MAIL_FROM=a@b, c@d", `PAZPAZ_MAIL_FROM: ` + sayFrom + ` (got "a@b, c@d")`},
	{"PAZPAZ_MAIL_FROM=a@b.example\r\nBcc: c@d.example", `PAZPAZ_MAIL_FROM: ` + sayFrom + ` (got "a@b.example\r\nBcc: c@d.example")`},
	{"PAZPAZ_MAIL_FROM=פז@example.org", `PAZPAZ_MAIL_FROM: ` + sayFrom + ` (got "פז@example.org")`},

	{"PAZPAZ_CHECKPOINTS_URL=/backup", `PAZPAZ_CHECKPOINTS_URL: must be file:///folder with a whole path, or mailto:address with one address (got "/backup")`},
	{"PAZPAZ_CHECKPOINTS_URL=file://backup", `PAZPAZ_CHECKPOINTS_URL: must be file:///folder with a whole path, or mailto:address with one address (got "file://backup")`},
	{"PAZPAZ_CHECKPOINTS_URL=file:///", `PAZPAZ_CHECKPOINTS_URL: must be file:///folder with a whole path, or mailto:address with one address (got "file:///")`},
	{"PAZPAZ_CHECKPOINTS_URL=mailto:a@b.example,c@d.example", `PAZPAZ_CHECKPOINTS_URL: must be file:///folder with a whole path, or mailto:address with one address (got "mailto:a@b.example,c@d.example")`},
	{"PAZPAZ_CHECKPOINTS_URL=mailto:a@b.example?bcc=c@d.example", `PAZPAZ_CHECKPOINTS_URL: must be file:///folder with a whole path, or mailto:address with one address (got "mailto:a@b.example?bcc=c@d.example")`},
	{"PAZPAZ_CHECKPOINTS_URL=s3://bucket", `PAZPAZ_CHECKPOINTS_URL: must be file:///folder with a whole path, or mailto:address with one address (got "s3://bucket")`},
	{"PAZPAZ_KEYS_URL=/keys", `PAZPAZ_KEYS_URL: must be file: and a path, without // in front, ? and # (got "/keys")`},
	{"PAZPAZ_KEYS_URL=file:", `PAZPAZ_KEYS_URL: must be file: and a path, without // in front, ? and # (got "file:")`},
	{"PAZPAZ_KEYS_URL=file:///keys", `PAZPAZ_KEYS_URL: must be file: and a path, without // in front, ? and # (got "file:///keys")`},

	{"ENCRYPTION_MASTER_KEY=hunter2", "ENCRYPTION_MASTER_KEY: " + sayNoKey},
	{"ENCRYPTION_MASTER_KEY=aHVudGVyMg==", "ENCRYPTION_MASTER_KEY: " + sayNoKey},
	{"ENCRYPTION_MASTER_KEY=" + goodKey + "AAAA", "ENCRYPTION_MASTER_KEY: " + sayNoKey},
	{"ENCRYPTION_MASTER_KEY=v0:" + goodKey, "ENCRYPTION_MASTER_KEY: " + sayNoKey},
	{"ENCRYPTION_MASTER_KEY=1:" + goodKey, "ENCRYPTION_MASTER_KEY: " + sayNoKey},
	{"ENCRYPTION_MASTER_KEY=" + goodKey + "\nhunter2", "ENCRYPTION_MASTER_KEY: " + sayNoKey},
	{"ENCRYPTION_MASTER_KEY=# hunter2", "ENCRYPTION_MASTER_KEY: Encryption key not found: there is no key in it"},
	{"ENCRYPTION_MASTER_KEY_FILE=hunter2", "ENCRYPTION_MASTER_KEY_FILE: there is no such file"},
	{"ENCRYPTION_MASTER_KEY_FILE=locked", "ENCRYPTION_MASTER_KEY_FILE: the file may not be read by this user"},
	{"ENCRYPTION_MASTER_KEY_FILE=broken", "ENCRYPTION_MASTER_KEY_FILE: the file cannot be read"},
	{"ENCRYPTION_MASTER_KEY_FILE=empty", "ENCRYPTION_MASTER_KEY_FILE: Encryption key not found: there is no key in it"},
	{"ENCRYPTION_MASTER_KEY_FILE=secret", "ENCRYPTION_MASTER_KEY_FILE: " + sayNoKey},

	{"SECRET_KEY=hunter2", "SECRET_KEY: " + sayShort},
	{"SECRET_KEY=" + strings.Repeat("א", 31), "SECRET_KEY: " + sayShort},
	{"SECRET_KEY=" + strings.Repeat("hunter2", 9), "SECRET_KEY: " + sayUniform},
	{"SECRET_KEY=hunter2-CHANGE_ME-hunter2-please-0123", "SECRET_KEY: " + sayFiller},
	{"SECRET_KEY=your-secret-key-hunter2-goes-here-123", "SECRET_KEY: " + sayFiller},
	{"SECRET_KEY=<put hunter2 or any long text in here>", "SECRET_KEY: " + sayFiller},
	{"SECRET_KEY=abcdefghijklmnopqrstuvwxyz0123456789", "SECRET_KEY: " + sayFiller},
	{"SECRET_KEY=" + goodSecret + "\nhunter2", "SECRET_KEY: " + sayShort},
	{"SECRET_KEY=" + goodSecret + ",hunter2", "SECRET_KEY: " + sayShort},
	{"SECRET_KEY=" + goodSecret + "," + goodSecret, "SECRET_KEY: must hold two different keys, or one"},
	{"SECRET_KEY=" + goodSecret + ",b" + goodSecret + "\na" + goodSecret, "SECRET_KEY: must hold at most two keys: the new one, a comma or a line break, the former one"},
	{"SECRET_KEY=,", "SECRET_KEY: " + sayShort},
	{"SECRET_KEY=" + goodSecret + "\xff", "SECRET_KEY: must be text without control characters"},
	{"SECRET_KEY=" + goodSecret + "\x07", "SECRET_KEY: must be text without control characters"},
	{"SECRET_KEY_FILE=empty", "SECRET_KEY_FILE: " + sayShort},
	{"SECRET_KEY_FILE=hunter2", "SECRET_KEY_FILE: there is no such file"},

	{"PAZPAZ_TRUSTED_PROXIES=*", `PAZPAZ_TRUSTED_PROXIES: ` + sayProxies + ` (got "*")`},
	{"PAZPAZ_TRUSTED_PROXIES=10.0.0.1,", `PAZPAZ_TRUSTED_PROXIES: ` + sayProxies + ` (got "10.0.0.1,")`},
	{"PAZPAZ_TRUSTED_PROXIES=10.0.0.1 10.0.0.2", `PAZPAZ_TRUSTED_PROXIES: ` + sayProxies + ` (got "10.0.0.1 10.0.0.2")`},
	{"PAZPAZ_TRUSTED_PROXIES=10.0.0.0/33", `PAZPAZ_TRUSTED_PROXIES: ` + sayProxies + ` (got "10.0.0.0/33")`},
	{"PAZPAZ_TRUSTED_PROXIES=proxy.internal", `PAZPAZ_TRUSTED_PROXIES: ` + sayProxies + ` (got "proxy.internal")`},
	{"PAZPAZ_TRUSTED_PROXIES=fe80::1%eth0", `PAZPAZ_TRUSTED_PROXIES: ` + sayProxies + ` (got "fe80::1%eth0")`},
	{"PAZPAZ_TRUSTED_PROXIES=0.0.0.0/0", `PAZPAZ_TRUSTED_PROXIES: ` + sayWide + ` (got "0.0.0.0/0")`},
	{"PAZPAZ_TRUSTED_PROXIES=10.0.0.1, ::/0", `PAZPAZ_TRUSTED_PROXIES: ` + sayWide + ` (got "10.0.0.1, ::/0")`},
	{"PAZPAZ_TRUSTED_PROXIES=::ffff:0.0.0.0/96", `PAZPAZ_TRUSTED_PROXIES: ` + sayWide + ` (got "::ffff:0.0.0.0/96")`},

	{"PAZPAZ_SESSION_IDLE_MINUTES=4", `PAZPAZ_SESSION_IDLE_MINUTES: must be a whole number from 5 to 480 (got "4")`},
	{"PAZPAZ_SESSION_IDLE_MINUTES=481", `PAZPAZ_SESSION_IDLE_MINUTES: must be a whole number from 5 to 480 (got "481")`},
	{"PAZPAZ_SESSION_IDLE_MINUTES=30m", `PAZPAZ_SESSION_IDLE_MINUTES: must be a whole number from 5 to 480 (got "30m")`},
	{"PAZPAZ_SESSION_ABSOLUTE_HOURS=0", `PAZPAZ_SESSION_ABSOLUTE_HOURS: must be a whole number from 1 to 24 (got "0")`},
	{"PAZPAZ_SESSION_ABSOLUTE_HOURS=25", `PAZPAZ_SESSION_ABSOLUTE_HOURS: must be a whole number from 1 to 24 (got "25")`},
	{"PAZPAZ_SESSION_ABSOLUTE_HOURS=99999999999999999999", `PAZPAZ_SESSION_ABSOLUTE_HOURS: must be a whole number from 1 to 24 (got "99999999999999999999")`},
	{"PAZPAZ_LOG_LEVEL=verbose", `PAZPAZ_LOG_LEVEL: must be debug, info, warn or error (got "verbose")`},
	{"PAZPAZ_LOG_FORMAT=xml", `PAZPAZ_LOG_FORMAT: must be text or json (got "xml")`},
	{"PAZPAZ_SEARCH_CLIENTS_MAX=1e6", `PAZPAZ_SEARCH_CLIENTS_MAX: must be a whole number from 1000 to 10000000 (got "1e6")`},
	{"PAZPAZ_SEARCH_CLIENTS_MAX=-1", `PAZPAZ_SEARCH_CLIENTS_MAX: must be a whole number from 1000 to 10000000 (got "-1")`},
	{"PAZPAZ_LOG_FORMAT=" + strings.Repeat("x", 500), `PAZPAZ_LOG_FORMAT: must be text or json (got "` + strings.Repeat("x", 80) + `…")`},

	{"PAZPAZ_CONFIG=none", `PAZPAZ_CONFIG: there is no such file (got "none")`},
	{"PAZPAZ_CONFIG=locked", `PAZPAZ_CONFIG: the file may not be read by this user (got "locked")`},
	{"PAZPAZ_CONFIG=line", "PAZPAZ_CONFIG: line 3 is not of the form NAME=value"},
	{"PAZPAZ_CONFIG=export", "PAZPAZ_CONFIG: line 1 is not of the form NAME=value"},
	{"PAZPAZ_CONFIG=key", "PAZPAZ_CONFIG: line 1 is not of the form NAME=value"},
	{"PAZPAZ_CONFIG=foreign", "PAZPAZ_CONFIG: line 1: SECRETKEY: unknown setting; did you mean SECRET_KEY?"},
	{"PAZPAZ_CONFIG=twice", "PAZPAZ_CONFIG: line 2 sets PAZPAZ_ADDR again"},
	{"PAZPAZ_CONFIG=nested", "PAZPAZ_CONFIG: line 1 names another file; there can be one only"},
	{"PAZPAZ_CONFIG=bad", "SECRET_KEY: " + sayShort},
}

func TestBad(t *testing.T) {
	t.Parallel()
	for _, c := range badConfigs {
		refused(t, []string{c.entry}, c.want)
	}
}

// refused loads environ and compares the whole error.
func refused(t *testing.T, environ []string, want string) {
	t.Helper()
	c, err := Load(environ, files(map[string]string{
		"line":    "# fine\n\nhunter2\n",
		"export":  "export SECRET_KEY=hunter2",
		"key":     goodKey + "hunter2",
		"foreign": "SECRETKEY=hunter2",
		"twice":   "PAZPAZ_ADDR=127.0.0.1:1\nPAZPAZ_ADDR=127.0.0.1:2",
		"nested":  "PAZPAZ_CONFIG=other",
		"bad":     "SECRET_KEY='hunter2'",
		"empty":   "\n",
		"secret":  goodSecret,
	}))
	if err == nil {
		t.Errorf("%q was accepted: %q", environ, c.Describe())
		return
	}
	if err.Error() != want {
		t.Errorf("%q:\ngot  %s\nwant %s", environ, err, want)
	}
	if name, _, _ := strings.Cut(environ[0], "="); strings.Contains(strings.TrimPrefix(err.Error(), name), "hunter2") {
		t.Errorf("%q: the secret is in %q", environ, err)
	}
}

func TestBadTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{
			[]string{"PAZPAZ_LOG_LEVEL=loud", "PAZPAZ_ADDR=nowhere", "SECRET_KEY=hunter2", "PAZPAZ_PORT=1", "PAZPAZ_DATA_DIR=/"},
			"PAZPAZ_PORT: unknown setting; docs/settings.md lists them all\n" +
				"PAZPAZ_DATA_DIR: must not be the root folder (got \"/\")\n" +
				"PAZPAZ_ADDR: must be host:port, for example 127.0.0.1:8080 (got \"nowhere\")\n" +
				"SECRET_KEY: must be at least 32 characters; `openssl rand -base64 48` makes a good one\n" +
				"PAZPAZ_LOG_LEVEL: must be debug, info, warn or error (got \"loud\")",
		},
		{[]string{"SECRET_KEY=" + goodSecret, "SECRET_KEY_FILE=secret"}, "SECRET_KEY_FILE: SECRET_KEY is set as well; keep one of them"},
		{[]string{"SECRET_KEY=" + goodKey, "ENCRYPTION_MASTER_KEY=v1:" + goodKey}, "SECRET_KEY: must be another key than ENCRYPTION_MASTER_KEY"},
		{
			[]string{"ENCRYPTION_MASTER_KEY=" + goodKey, "ENCRYPTION_MASTER_KEY_FILE=none"},
			"ENCRYPTION_MASTER_KEY_FILE: ENCRYPTION_MASTER_KEY is set as well; keep one of them",
		},
		{
			[]string{"DATABASE_URL=postgres://u:hunter2@h/d", "PAZPAZ_DATABASE_OWNER_URL=sqlite:x.db"},
			"PAZPAZ_DATABASE_OWNER_URL: must be the same database as PAZPAZ_DATABASE_URL, with another user",
		},
		{
			[]string{"DATABASE_URL=postgres://u:hunter2@h", "PAZPAZ_DATABASE_OWNER_URL=postgres://o:hunter2@h/d"},
			"DATABASE_URL: must name host and database: postgres://user:password@host:5432/database",
		},
	} {
		refused(t, c.environ, c.want)
	}
}
