package web

import "testing"

func TestNegotiate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header   string
		br, gzip bool
		want     string
	}{
		{"", true, true, ""},
		{"br", true, true, "br"},
		{"gzip", true, true, "gzip"},
		{"x-gzip", true, true, "gzip"},
		{"GZIP , Br", true, true, "br"},
		{"br, gzip", false, true, "gzip"},
		{"br, gzip", false, false, ""},
		{"br;q=0.5, gzip;q=0.9", true, true, "gzip"},
		{"br;q=0.9, gzip;q=0.9", true, true, "br"},
		{"br;q=0, gzip;q=0", true, true, ""},
		{"br; q=0 , gzip; q=0.001", true, true, "gzip"},
		{"*", true, true, "br"},
		{"*;q=0", true, true, ""},
		{"gzip, *;q=0", true, true, "gzip"},
		{"br;q=0, *", true, true, "gzip"},
		{"identity, br;q=0.5", true, true, ""},
		{"identity;q=0, gzip", true, true, "gzip"},
		{"br;q=nonsense, gzip;q=2", true, true, ""},
		{"br;q=-1", true, true, ""},
		{"br;level=5;q=0.3", true, true, "br"},
		{"brotli", true, true, ""},
		{",,;", true, true, ""},
	} {
		if got := negotiate(c.header, c.br, c.gzip); got != c.want {
			t.Errorf("%q (br %v, gzip %v): %q, want %q", c.header, c.br, c.gzip, got, c.want)
		}
	}
}
