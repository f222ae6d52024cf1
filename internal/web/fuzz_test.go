package web

import "testing"

// FuzzNegotiate checks that a form is only sent that there is and that the
// browser has not refused.
func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"", "br", "gzip, br;q=0", "*;q=0", "x-gzip", "identity;q=0", "br;q=nan", "br;q=1e400", ",;,;=", "gzip;q=0.0001;q=1", "GZIP\t;\tQ=0"} {
		f.Add(seed, true, true)
		f.Add(seed, false, true)
	}
	f.Fuzz(func(t *testing.T, header string, haveBr, haveGzip bool) {
		got := negotiate(header, haveBr, haveGzip)
		switch {
		case got == "br" && haveBr, got == "gzip" && haveGzip, got == "":
		default:
			t.Fatalf("%q with br %v and gzip %v: %q", header, haveBr, haveGzip, got)
		}
		if q, named := parseAcceptEncoding(header)[got]; got != "" && named && q == 0 {
			t.Fatalf("%q refuses %q, which is sent", header, got)
		}
	})
}
