package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestSecretsAreNotPrinted prints a Config, and secrets inside other structs, in every way at hand.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	c := load(t, nil, "SECRET_KEY=hunter2"+goodSecret, "ENCRYPTION_MASTER_KEY="+goodKey, "PAZPAZ_REDIS_URL=redis://:hunter2@h",
		"PAZPAZ_DATABASE_URL=postgres://u:hunter2@h/d?sslpassword=hunter2", "PAZPAZ_MAIL_URL=smtp://u:hunter2@h",
		"PAZPAZ_DATABASE_OWNER_URL=postgres://o:hunter2@h/d?password=hunter2&sslmode=require")
	inside := struct { // fmt cannot ask the methods of what is in unexported fields
		config Config
		secret *Secret
		list   []Secret
	}{c, &c.SecretKey, []Secret{c.SecretKey}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%b", "%o", "%e", "%c", "%U"} {
		fmt.Fprintf(&out, strings.Repeat(verb+"\n", 7), c, &c, c.SecretKey, &c.SecretKey, inside, []Secret{c.SecretKey}, map[string]Secret{"k": c.MasterKey})
	}
	text, err := json.Marshal(map[string]any{"config": c, "secret": c.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("started", "config", c, "pointer", &c, "secret", c.SecretKey, "inside", inside)
	}
	fmt.Fprintln(&out, c.SecretKey.String(), strings.Join(c.Describe(), "\n"))
	for _, word := range []string{"hunter2", "68756e74", "68756E74", goodSecret, goodKey, goodKey[:20]} {
		if strings.Contains(out.String(), word) {
			t.Errorf("%q was printed", word)
		}
	}
	if c.SecretKey.Reveal() != "hunter2"+goodSecret || !c.SecretKey.IsSet() || (Secret{}).IsSet() || (Secret{}).Reveal() != "" {
		t.Error("a secret must be revealed when asked for")
	}
	for _, form := range []string{"%v", "%+v", "%#v"} {
		if got := fmt.Sprintf(form, c.SecretKey); got != "[redacted]" {
			t.Errorf("%s prints %q", form, got)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	c := load(t, nil, "SECRET_KEY="+goodSecret, "DATABASE_URL=postgres://app:hunter2@db/pazpaz?sslmode=require", "REDIS_URL=rediss://:hunter2@cache:6379/1",
		"PAZPAZ_DATABASE_OWNER_URL=postgres://own@db/pazpaz?password=hunter2", "PAZPAZ_TRUSTED_PROXIES=10.0.0.0/8,::1")
	want := `PAZPAZ_DATA_DIR               ./pazpaz-data
PAZPAZ_ADDR                   127.0.0.1:8080
PAZPAZ_PUBLIC_URL             http://localhost:8080
PAZPAZ_DATABASE_URL           postgres://app:xxxxx@db/pazpaz?sslmode=require
PAZPAZ_DATABASE_OWNER_URL     postgres://own@db/pazpaz?password=xxxxx
PAZPAZ_REDIS_URL              rediss://:xxxxx@cache:6379/1
PAZPAZ_MAIL_URL               console:
PAZPAZ_MAIL_FROM              PazPaz <no-reply@localhost>
PAZPAZ_KEYS_URL               file:./pazpaz-data/keys/master.keys
ENCRYPTION_MASTER_KEY         not set
SECRET_KEY                    [redacted]
PAZPAZ_CHECKPOINTS_URL        nowhere
PAZPAZ_TRUSTED_PROXIES        10.0.0.0/8, ::1/128
PAZPAZ_SESSION_IDLE_MINUTES   30m0s
PAZPAZ_SESSION_ABSOLUTE_HOURS 12h0m0s
PAZPAZ_LOG_LEVEL              info
PAZPAZ_LOG_FORMAT             text
PAZPAZ_REQUESTS_PER_MINUTE    6000
PAZPAZ_SEARCH_CLIENTS_MAX     200000
PAZPAZ_METRICS_REMOTE         no
PAZPAZ_METRICS_ADDR           nowhere`
	if got := strings.Join(c.Describe(), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
