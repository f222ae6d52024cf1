package auth

import (
	"strings"
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B, for SHA-1.
func TestTOTPCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := totpCode(secret, at/totpStep, 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		if got := totpCode(secret, at/totpStep, totpDigits); got != want[2:] {
			t.Errorf("at %d with six digits: %s, want %s", at, got, want[2:])
		}
	}
}

// A code counts in its own step and in the next, to the second.
func TestTOTPCodesCountInTheirStepAndTheNext_ASVS_6_5_8(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	begin := time.Unix(1_700_000_010, 0) // of a step
	if begin.Unix()%totpStep != 0 {
		t.Fatal("the test's time is no beginning of a step")
	}
	code := totpCode(secret, begin.Unix()/totpStep, totpDigits)
	for after, want := range map[time.Duration]bool{
		-time.Nanosecond: false, -30 * time.Second: false, 0: true, 29 * time.Second: true, 30 * time.Second: true,
		60*time.Second - time.Nanosecond: true, 60 * time.Second: false, 90 * time.Second: false,
	} {
		step, ok := totpMatch(secret, code, begin.Add(after))
		if ok != want || (ok && step != begin.Unix()/totpStep) {
			t.Errorf("%v after the begin of its step: step %d, %v, want %v", after, step, ok, want)
		}
	}
	for _, wrong := range []string{"", code[:5], code + "0", " " + code, strings.Repeat("0", 6), "１２３４５６"} {
		if wrong == code {
			continue
		}
		if _, ok := totpMatch(secret, wrong, begin); ok {
			t.Errorf("%q is accepted for %q", wrong, code)
		}
	}
}

func TestTOTPAddressIsWhatAppsRead(t *testing.T) {
	t.Parallel()
	got := totpURI("noa+x@example.com", []byte("12345678901234567890"))
	want := "otpauth://totp/PazPaz:noa+x@example.com?algorithm=SHA1&digits=6&issuer=PazPaz&period=30&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	if got != want {
		t.Fatalf("%s\nwant %s", got, want)
	}
}

func TestQRCodeIsOnePathOfSquares(t *testing.T) {
	t.Parallel()
	svg, err := qrSVG(totpURI("noa@example.com", []byte("12345678901234567890")))
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `, `<path fill="#000" d="M4 4h7v1h-7z`, `"/></svg>`} {
		if !strings.Contains(svg, mark) {
			t.Errorf("no %s in %.200s", mark, svg)
		}
	}
	if strings.Contains(svg, "example") || strings.Count(svg, "<path") != 2 || len(svg) > 64_000 {
		t.Errorf("%d bytes: %.200s", len(svg), svg)
	}
}

func TestDevicesAreNamedInPlainWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                            "Chrome, Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":              "Edge, Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                      "Safari, macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1":    "Safari, iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1": "Chrome, iPhone",
		"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/130.0 Mobile/15E148 Safari/605.1.15":           "Firefox, iPad",
		"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36": "Samsung Internet, Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                     "Firefox, Linux",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                             "Chrome, ChromeOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0":              "Opera, Windows",
		"curl/8.5.0": ", ", "": ", ", "<script>alert(1)</script>": ", ",
	} {
		browser, system := DeviceWords(agent)
		if got := browser + ", " + system; got != want {
			t.Errorf("%s: %s, want %s", agent, got, want)
		}
	}
}
