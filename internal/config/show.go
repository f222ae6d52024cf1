package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// shownURL is a URL without its password.
func shownURL(s Secret) string {
	if !strings.Contains(s.Reveal(), "://") {
		return s.Reveal() // sqlite:path, memory:, console:
	}
	u, err := url.Parse(s.Reveal())
	if err != nil {
		return hidden
	}
	query := u.Query()
	for name, values := range query { // PostgreSQL accepts password= and sslpassword= here
		if strings.Contains(strings.ToLower(name), "pass") {
			for i := range values {
				values[i] = "xxxxx"
			}
		}
	}
	u.RawQuery = query.Encode()
	return u.Redacted()
}

func shownSecret(s Secret) string {
	if s.IsSet() {
		return hidden
	}
	return "not set"
}

func shownSecrets(now, old Secret) string {
	if old.IsSet() {
		return hidden + " and a former one"
	}
	return shownSecret(now)
}

func shownPrefixes(prefixes []netip.Prefix) string {
	if len(prefixes) == 0 {
		return "nobody"
	}
	var b []string
	for _, p := range prefixes {
		b = append(b, p.String())
	}
	return strings.Join(b, ", ")
}
