package config

import (
	"io/fs"
	"strings"
	"testing"
)

// FuzzSetting checks that every setting takes any value or refuses it in one
// line, and that no line shows a secret.
func FuzzSetting(f *testing.F) {
	for i, s := range settings {
		f.Add(i, s.preset)
	}
	for _, bad := range badConfigs {
		if _, value, ok := strings.Cut(bad.entry, "="); ok {
			f.Add(len(bad.entry), value)
		}
	}
	f.Fuzz(func(t *testing.T, i int, value string) {
		s := settings[((i%len(settings))+len(settings))%len(settings)]
		c, err := Load([]string{s.name + "=" + value}, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
		if err == nil {
			_ = c.Describe()
			return
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if strings.TrimSpace(line) == "" || strings.ContainsAny(line, "\r\x00") {
				t.Fatalf("%s=%q: %q", s.name, value, err)
			}
		}
		if s.secret && len(value) > 20 && strings.Contains(err.Error(), value) {
			t.Fatalf("%s: the value is shown: %q", s.name, err)
		}
	})
}

// FuzzFile checks that any file of settings is read or refused.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"", "PAZPAZ_ADDR=127.0.0.1:1\n", "# comment\n\nSECRET_KEY='x'", "PAZPAZ_ADDR", "=x", "export PAZPAZ_ADDR=x", "PAZPAZ_ADDR=a\r\nPAZPAZ_ADDR=b", "\ufeffPAZPAZ_ADDR=x",
		"PAZPAZ_CONFIG=/etc/passwd", "PAZPAZ_ADDR=\"", "\x00", strings.Repeat("a", 5000) + "=b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		read := func(string) ([]byte, error) { return []byte(content), nil }
		if c, err := Load([]string{"PAZPAZ_CONFIG=settings.env"}, read); err == nil {
			_ = c.Describe()
		}
	})
}
