package auth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// line is a Set-Cookie line without the cookie's value.
func line(c *http.Cookie) string {
	_, attributes, _ := strings.Cut(c.String(), ";")
	return c.Name + ";" + attributes
}

func wantLines(t *testing.T, cookies []*http.Cookie, want ...string) {
	t.Helper()
	for i, c := range cookies {
		if i >= len(want) || line(c) != want[i] {
			t.Errorf("cookie %d is %s", i, line(c))
		}
	}
	if len(cookies) != len(want) {
		t.Errorf("%d cookies, want %d", len(cookies), len(want))
	}
}

func TestCookiesOverHTTP_ASVS_3_3_2_ASVS_3_3_4(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		wantLines(t, k.SignIn(k.User1).Cookies,
			"access_token; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax",
			"csrf_token; Path=/; Max-Age=43200; SameSite=Lax",
			"known_device; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax",
			"pre_session; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
			"sign_in_challenge; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
		wantLines(t, k.Auth.ClearedCookies(),
			"access_token; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
			"csrf_token; Path=/; Max-Age=0; SameSite=Lax",
			"pre_session; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
			"sign_in_challenge; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
		_, pre, err := k.Auth.Browser(httptest.NewRequest(http.MethodPost, "/", nil))
		testkit.NoErr(t, err)
		wantLines(t, []*http.Cookie{pre}, "pre_session; Path=/; Max-Age=900; HttpOnly; SameSite=Lax")
	})
}

func TestCookiesOverHTTPSBelongToTheHost(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secure := k.Process(func(o *auth.Options) { o.PublicURL = "https://practice.example.com" }, nil)
		in := secure.SignIn(k.User1)
		wantLines(t, in.Cookies,
			"__Host-access_token; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax",
			"__Host-csrf_token; Path=/; Max-Age=43200; Secure; SameSite=Lax",
			"__Host-known_device; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax",
			"__Host-pre_session; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
			"__Host-sign_in_challenge; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax")
		for _, c := range append(secure.Auth.ClearedCookies(), in.Cookies...) {
			if !c.Secure || !strings.HasPrefix(c.Name, "__Host-") || c.Domain != "" || c.Path != "/" {
				t.Errorf("cookie %s", line(c))
			}
		}
		_, err := use(secure.Auth, in)
		testkit.NoErr(t, err)

		plain := request(k.SignIn(k.User1)) // a name that any host of the domain could have planted
		_, err = secure.Auth.Authenticate(t.Context(), plain, false)
		wantCode(t, err, model.Unauthenticated, "unauthenticated")
	})
}

func TestBrowserKeepsAPreSessionOfOurFormOnly(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for name, c := range map[string]struct {
			cookies []string
			kept    bool
		}{
			"ours":      {[]string{"pre_session=" + browserA}, true},
			"none":      {nil, false},
			"empty":     {[]string{"pre_session="}, false},
			"short":     {[]string{"pre_session=abc"}, false},
			"long":      {[]string{"pre_session=" + browserA + "a"}, false},
			"twice":     {[]string{"pre_session=" + browserA + "; pre_session=" + browserB}, false},
			"https one": {[]string{"__Host-pre_session=" + browserA}, false},
		} {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header["Cookie"] = c.cookies
			first, cookie, err := k.Auth.Browser(r)
			testkit.NoErr(t, err)
			second, _, err := k.Auth.Browser(r)
			testkit.NoErr(t, err)
			if (first == browserA) != c.kept || (first == second) != c.kept || len(first) != 43 || cookie.Value != first {
				t.Errorf("%s: got %s, then %s", name, first, second)
			}
		}
	})
}

func TestCSRFTokenBelongsToItsSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine, other := k.SignIn(k.User1), k.SignIn(k.User1)
		stranger := k.Process(func(o *auth.Options) { o.Secret = []byte(strings.Repeat("other secret ", 3)) }, nil).SignIn(k.User1)
		for name, c := range map[string]struct {
			cookie, header []string
			good           bool
		}{
			"its own":               {[]string{mine.Cookies[1].Value}, []string{mine.Cookies[1].Value}, true},
			"none":                  {nil, nil, false},
			"cookie only":           {[]string{mine.Cookies[1].Value}, nil, false},
			"header only":           {nil, []string{mine.Cookies[1].Value}, false},
			"empty pair":            {[]string{""}, []string{""}, false},
			"another session's":     {[]string{other.Cookies[1].Value}, []string{other.Cookies[1].Value}, false},
			"own cookie, others":    {[]string{mine.Cookies[1].Value}, []string{other.Cookies[1].Value}, false},
			"others, own header":    {[]string{other.Cookies[1].Value}, []string{mine.Cookies[1].Value}, false},
			"another server's":      {[]string{stranger.Cookies[1].Value}, []string{stranger.Cookies[1].Value}, false},
			"invented pair":         {[]string{browserA}, []string{browserA}, false},
			"two headers":           {[]string{mine.Cookies[1].Value}, []string{mine.Cookies[1].Value, mine.Cookies[1].Value}, false},
			"two cookies":           {[]string{mine.Cookies[1].Value, mine.Cookies[1].Value}, []string{mine.Cookies[1].Value}, false},
			"padded":                {[]string{mine.Cookies[1].Value}, []string{mine.Cookies[1].Value + "="}, false},
			"not ASCII":             {[]string{mine.Cookies[1].Value}, []string{"\xff\u05d0"}, false},
			"the id of the session": {[]string{mine.Session.ID.String()}, []string{mine.Session.ID.String()}, false},
		} {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			for _, v := range c.cookie {
				r.AddCookie(&http.Cookie{Name: "csrf_token", Value: v})
			}
			r.Header[http.CanonicalHeaderKey(auth.CSRFHeader)] = c.header
			err := k.Auth.CheckCSRF(r, mine.Session.ID)
			if c.good {
				testkit.NoErr(t, err)
			} else if model.CodeOf(err) != "csrf" || model.KindOf(err) != model.Denied {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestShortSecretsAreRefused(t *testing.T) {
	t.Parallel()
	for n, good := range map[int]bool{0: false, 31: false, 32: true, 100: true} {
		if _, err := auth.New(auth.Options{Secret: make([]byte, n)}); (err == nil) != good {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestASessionOfAnotherSecretIsNone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		other := k.Process(func(o *auth.Options) { o.Secret = []byte(strings.Repeat("other secret ", 3)) }, nil)
		_, err := use(k.Auth, other.SignIn(k.User1))
		wantCode(t, err, model.Unauthenticated, "unauthenticated")
	})
}
