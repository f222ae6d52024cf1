package cli_test

import (
	"encoding/base64"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/cli"
	"pazpaz/internal/testkit"
)

// What must not be shown is planted in every place that holds a secret.
const password = "p4ssw0rd-canary"

// write puts a file below the data folder.
func (b *box) write(name, text string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	testkit.NoErr(b.t, os.MkdirAll(filepath.Dir(path), 0o700))
	testkit.NoErr(b.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func randomKey(t *testing.T) string {
	t.Helper()
	return base64.StdEncoding.EncodeToString(testkit.RandomBytes(t, 32))
}

func TestBadSetUpsStopTheStartInOneLineWithoutSecrets(t *testing.T) {
	t.Parallel()
	key := randomKey(t)
	nobody := freeAddr(t)
	for name, c := range map[string]struct {
		more   []string
		before func(b *box)
		want   string
	}{
		"key file without a key":  {before: func(b *box) { b.write("keys/master.keys", "# nothing\n") }, want: "Encryption key not found"},
		"key file cut":            {before: func(b *box) { b.write("keys/master.keys", "v1:"+key[:30]) }, want: "Encryption key not found"},
		"key file of zeros":       {before: func(b *box) { b.write("keys/master.keys", base64.StdEncoding.EncodeToString(make([]byte, 32))) }, want: "too weak"},
		"key file is empty":       {before: func(b *box) { b.write("keys/master.keys", "") }, want: "Encryption key not found"},
		"key file is a folder":    {before: func(b *box) { b.write("keys/master.keys/x", "") }, want: "key file"},
		"key folder is a file":    {before: func(b *box) { b.write("keys", "") }, want: "key"},
		"key cut":                 {more: []string{"ENCRYPTION_MASTER_KEY=" + key[:30]}, want: "Encryption key not found"},
		"key in two places":       {more: []string{"ENCRYPTION_MASTER_KEY=" + key, "ENCRYPTION_MASTER_KEY_FILE=" + key}, want: "keep one of them"},
		"key file named by a key": {more: []string{"ENCRYPTION_MASTER_KEY_FILE=" + key}, want: "no such file"},
		"placeholder":             {more: []string{"SECRET_KEY=change-me-" + password + "-0123456789abcdef"}, want: "SECRET_KEY"},
		"database elsewhere":      {more: []string{"PAZPAZ_DATABASE_URL=mysql://u:" + password + "@h/d"}, want: "PAZPAZ_DATABASE_URL"},
		"database away":           {more: []string{"PAZPAZ_DATABASE_URL=postgres://u:" + password + "@" + nobody + "/d?sslmode=disable"}, want: "does not answer"},
		"owner away": {more: []string{"PAZPAZ_DATABASE_URL=postgres://u:" + password + "@" + nobody + "/d?sslmode=disable",
			"PAZPAZ_DATABASE_OWNER_URL=postgres://o:" + password + "@" + nobody + "/d?sslmode=disable"}, want: "does not answer"},
		"database in a file's place": {before: func(b *box) { b.more = []string{"PAZPAZ_DATABASE_URL=sqlite:" + b.write("file", "x") + "/in/it.db"} }, want: "data folder"},
		"data folder is not ours":    {before: func(b *box) { b.dir = "/proc" }, want: "/proc"},
		"database is a folder":       {before: func(b *box) { b.write("pazpaz.db/x", "") }, want: "database"},
		"mail folder is a file":      {before: func(b *box) { b.write("mail", "") }, want: "mail"},
		"mail elsewhere":             {more: []string{"PAZPAZ_MAIL_URL=imap://u:" + password + "@h"}, want: "PAZPAZ_MAIL_URL"},
		"no settings file":           {more: []string{"PAZPAZ_CONFIG=/nowhere/at/all"}, want: "PAZPAZ_CONFIG"},
		"secret in a wrong name":     {more: []string{"PAZPAZ_SECRET=" + password}, want: "PAZPAZ_SECRET"},
		"address without a port":     {before: func(b *box) { b.addr = "127.0.0.1" }, want: "PAZPAZ_ADDR"},
		"http beyond this machine":   {more: []string{"PAZPAZ_PUBLIC_URL=http://pazpaz.example.org"}, want: "https"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t, c.more...)
			if c.before != nil {
				c.before(b)
			}
			for _, verb := range [][]string{{"serve"}, {"serve", "--demo"}} {
				status, out, errs := b.run(verb...)
				if status != 1 || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "pazpaz: ") || !strings.Contains(errs, c.want) {
					t.Errorf("%v: status %d, want 1 and one line with %q; got %q", verb, status, c.want, errs)
				}
				if out != "" {
					t.Errorf("%v printed %q", verb, out)
				}
				for _, secret := range []string{password, key, key[:30]} {
					if strings.Contains(errs, secret) {
						t.Errorf("the line shows a secret: %q", errs)
					}
				}
			}
		})
	}
}

// A start that fails because the port is taken must not lose what it made.
func TestBusyPortKeepsTheKeys(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	testkit.NoErr(t, err)
	b := newBox(t)
	free := b.addr
	b.addr = busy.Addr().String()
	b.refused("another program uses that port", "serve")
	before, err := os.ReadFile(filepath.Join(b.dir, "keys", "master.keys"))
	testkit.NoErr(t, err)
	testkit.NoErr(t, busy.Close())
	b.addr = free
	_, stop := b.serve("--demo")
	if status := stop(); status != 0 {
		t.Errorf("status %d", status)
	}
	after, err := os.ReadFile(filepath.Join(b.dir, "keys", "master.keys"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the key file was changed: %v", err)
	}
}

// No output at any level shows a key, a password or a token of a session.
func TestNoOutputShowsASecret(t *testing.T) {
	t.Parallel()
	master, signing := randomKey(t), randomKey(t)+randomKey(t)
	b := newBox(t, "PAZPAZ_LOG_LEVEL=debug", "ENCRYPTION_MASTER_KEY="+master, "SECRET_KEY="+signing, "PAZPAZ_MAIL_URL=smtp://mailer:"+password+"@localhost:1025?tls=none")
	var errs testkit.Buffer
	out, stop := b.serveLogging(&errs, "--demo")
	token := link(t, out)
	signedIn(t, b.addr, token)
	res, err := http.Post("http://"+b.addr+"/api/v1/auth/magic-link", "application/json", strings.NewReader(`{"email":"canary-person@example.com"}`))
	testkit.NoErr(t, err)
	res.Body.Close()
	stop()
	log := errs.String()
	for what, secret := range map[string]string{
		"master key": master, "signing key": signing, "password": password, "link": token, "person": "canary-person", "client": "noa.levi", "name": "Dana Demo",
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log shows the %s", what)
		}
		if what != "link" && strings.Contains(out.String(), secret) {
			t.Errorf("the output shows the %s", what)
		}
	}
	if !strings.Contains(log, "PAZPAZ_MAIL_URL") || !strings.Contains(log, "/api/v1/auth/verify") {
		t.Errorf("the log holds neither the settings nor the requests: %s", log)
	}
}

func TestSmallVerbs(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"pazpaz " + cli.Version:    {"version"},
		"PAZPAZ_DATABASE_URL":      {"settings"},
		"The schema is up to date": {"migrate"},
	} {
		status, out, errs := newBox(t).run(args...)
		if status != 0 || !strings.Contains(out, want) || errs != "" {
			t.Errorf("%v: status %d, %q, %q", args, status, out, errs)
		}
	}
	for _, verb := range []string{"serve", "migrate", "audit"} {
		if status, _, errs := newBox(t).run(verb, "-h"); status != 0 || !strings.Contains(errs, "pazpaz "+verb) {
			t.Errorf("%s -h: status %d, %q", verb, status, errs)
		}
	}
}
