package api_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/testkit"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// forger makes tokens with the server's own key, so that each refusal below
// is for the one thing that is wrong and not for a bad signature.
type forger struct {
	k      *testkit.Kit
	key    []byte
	claims jwt.MapClaims
}

func newForger(k *testkit.Kit) *forger {
	k.T.Helper()
	key, err := hkdf.Key(sha256.New, testkit.Secret(), nil, "pazpaz access token", 32)
	testkit.NoErr(k.T, err)
	in := k.SignIn(k.User1)
	now := k.Clock.Now()
	return &forger{k: k, key: key, claims: jwt.MapClaims{
		"iss": "pazpaz", "aud": []string{"pazpaz-web"}, "sub": k.User1.ID.String(), "jti": in.Session.ID.String(),
		"iat": now.Unix(), "exp": now.Add(12 * time.Hour).Unix(), "ws": k.Workspace1.ID.String(), "sid": in.Session.ID.String(),
	}}
}

// sign signs the good claims with some changed; a nil value takes one away.
func (f *forger) sign(method jwt.SigningMethod, key any, change jwt.MapClaims) string {
	f.k.T.Helper()
	claims := maps.Clone(f.claims)
	for n, v := range change {
		if claims[n] = v; v == nil {
			delete(claims, n)
		}
	}
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	testkit.NoErr(f.k.T, err)
	return token
}

func (f *forger) with(change jwt.MapClaims) string {
	return f.sign(jwt.SigningMethodHS256, f.key, change)
}

// raw signs any header and payload with our key and HS256.
func (f *forger) raw(header, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	head := b64([]byte(header)) + "." + b64([]byte(payload))
	mac := hmac.New(sha256.New, f.key)
	mac.Write([]byte(head))
	return head + "." + b64(mac.Sum(nil))
}

func (f *forger) payload() string {
	raw, err := json.Marshal(f.claims)
	testkit.NoErr(f.k.T, err)
	return string(raw)
}

func me(k *testkit.Kit, token string) *testkit.Response {
	k.T.Helper()
	return k.Get("/auth/me", http.Header{"Cookie": {"access_token=" + token}})
}

// corpus is every kind of wrong token; the good one is proved to be good by
// the caller.
func (f *forger) corpus() map[string]string {
	k, now := f.k, f.k.Clock.Now()
	own, other := f.with(nil), k.SignIn(k.User2)
	parts := strings.Split(own, ".")
	theirs := strings.Split(other.Cookies[0].Value, ".")
	signature := []byte(parts[2])
	signature[5] ^= 1
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	testkit.NoErr(k.T, err)
	none := jwt.UnsafeAllowNoneSignatureType
	all := map[string]string{
		"none":            f.sign(jwt.SigningMethodNone, none, nil),
		"None":            f.raw(`{"alg":"None","typ":"JWT"}`, f.payload()),
		"nOnE, unsigned":  base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"nOnE"}`)) + "." + parts[1] + ".",
		"NONE, signed":    f.raw(`{"alg":"NONE"}`, f.payload()),
		"no alg":          f.raw(`{"typ":"JWT"}`, f.payload()),
		"empty alg":       f.raw(`{"alg":""}`, f.payload()),
		"alg is a number": f.raw(`{"alg":256}`, f.payload()),
		"hs256":           f.raw(`{"alg":"hs256"}`, f.payload()),
		"HS384":           f.sign(jwt.SigningMethodHS384, f.key, nil),
		"HS512":           f.sign(jwt.SigningMethodHS512, f.key, nil),
		"RS256":           f.sign(jwt.SigningMethodRS256, private, nil),
		"RS256 by HMAC":   f.raw(`{"alg":"RS256"}`, f.payload()),
		"other key":       f.sign(jwt.SigningMethodHS256, []byte(strings.Repeat("k", 32)), nil),
		"secret as key":   f.sign(jwt.SigningMethodHS256, testkit.Secret(), nil),
		"empty key":       f.sign(jwt.SigningMethodHS256, []byte{}, nil),
		"expired":         f.with(jwt.MapClaims{"exp": now.Add(-31 * time.Second).Unix()}),
		"no exp":          f.with(jwt.MapClaims{"exp": nil}),
		"exp is text":     f.with(jwt.MapClaims{"exp": "tomorrow"}),
		"exp is null":     f.raw(`{"alg":"HS256"}`, strings.Replace(f.payload(), `"exp":`, `"exp":null,"x":`, 1)),
		"future iat":      f.with(jwt.MapClaims{"iat": now.Add(32 * time.Second).Unix()}),
		"not yet":         f.with(jwt.MapClaims{"nbf": now.Add(32 * time.Second).Unix()}),
		"wrong iss":       f.with(jwt.MapClaims{"iss": "other"}),
		"no iss":          f.with(jwt.MapClaims{"iss": nil}),
		"wrong aud":       f.with(jwt.MapClaims{"aud": []string{"other"}}),
		"no aud":          f.with(jwt.MapClaims{"aud": nil}),
		"no sub":          f.with(jwt.MapClaims{"sub": nil}),
		"other sub":       f.with(jwt.MapClaims{"sub": k.User2.ID.String()}),
		"colleague's sub": f.with(jwt.MapClaims{"sub": k.Assistant1.ID.String()}),
		"no ws":           f.with(jwt.MapClaims{"ws": nil}),
		"other ws":        f.with(jwt.MapClaims{"ws": k.Workspace2.ID.String()}),
		"ws is no id":     f.with(jwt.MapClaims{"ws": "1"}),
		"no sid":          f.with(jwt.MapClaims{"sid": nil}),
		"sid of no one":   f.with(jwt.MapClaims{"sid": uuid.NewString()}),
		"sid and jti":     f.with(jwt.MapClaims{"sid": uuid.Nil.String(), "jti": uuid.Nil.String()}),
		"another's sid":   f.with(jwt.MapClaims{"sid": other.Session.ID.String(), "jti": other.Session.ID.String()}),
		"no jti":          f.with(jwt.MapClaims{"jti": nil}),
		"unknown session": f.with(jwt.MapClaims{"sid": k.User1.ID.String(), "jti": k.User1.ID.String()}),
		"swapped payload": parts[0] + "." + theirs[1] + "." + parts[2],
		"swapped tail":    parts[0] + "." + parts[1] + "." + theirs[2],
		"bit flipped":     parts[0] + "." + parts[1] + "." + string(signature),
		"no signature":    parts[0] + "." + parts[1] + ".",
		"two parts":       parts[0] + "." + parts[1],
		"four parts":      own + "." + parts[2],
		"trailing data":   own + "AAAA",
		"trailing dot":    own + ".",
		"padding":         own + "=",
		"last letter":     own[:len(own)-1] + string(twin(own[len(own)-1])),
		"3000 characters": own + strings.Repeat("A", 3000-len(own)),
		"long but signed": f.with(jwt.MapClaims{"more": strings.Repeat("a", 3000)}),
		"3000 letters":    strings.Repeat("a", 3000),
		"dots bomb":       strings.Repeat(".", 2000),
		"bad base64":      "!!!.???.***",
		"payload is list": f.raw(`{"alg":"HS256"}`, `[]`),
		"payload is null": f.raw(`{"alg":"HS256"}`, `null`),
		"payload broken":  f.raw(`{"alg":"HS256"}`, f.payload()+"x"),
		"key id":          f.raw(`{"alg":"none","kid":"../../dev/null"}`, f.payload()),
	}
	return all
}

// twin is the base64 letter whose last two bits, which carry nothing, differ.
func twin(c byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, c)^1]
}

func TestWrongTokensAreAllRefusedAlike_ASVS_9_1_1_ASVS_9_1_2_ASVS_9_1_3_ASVS_9_2_1_ASVS_9_2_2_ASVS_9_2_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		f := newForger(k)
		me(k, f.with(nil)).Want(k, 200)
		me(k, f.with(jwt.MapClaims{"exp": k.Clock.Now().Add(time.Second).Unix()})).Want(k, 200)
		me(k, f.with(jwt.MapClaims{"iat": k.Clock.Now().Add(29 * time.Second).Unix()})).Want(k, 200)
		me(k, f.raw(`{"alg":"HS256"}`, f.payload())).Want(k, 200)
		want := k.Get("/auth/me", nil).WantCode(k, 401, "unauthenticated")
		for what, token := range f.corpus() {
			if res := me(k, token); !res.SameBut(want) {
				t.Errorf("%s: %d %s", what, res.Status, res.Body)
			}
		}
		if me(k, "").Status != 401 {
			t.Error("an empty token was accepted")
		}
	})
}

func TestWrongTokensChangeNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		f := newForger(k)
		csrf := k.CSRFHeaders(k.User1).Get("X-CSRF-Token")
		before := k.Snapshot(k.Workspace1.ID)
		for what, token := range f.corpus() {
			h := http.Header{"Cookie": {"access_token=" + token + "; csrf_token=" + csrf}, "X-Csrf-Token": {csrf}}
			if res := k.Do(http.MethodPut, "/workspace", h, fields{"name": "Taken"}); res.Status != 401 {
				t.Errorf("%s: %d %s", what, res.Status, res.Body)
			}
		}
		if k.Snapshot(k.Workspace1.ID) != before {
			t.Fatal("something was changed")
		}
	})
}

// A token says who; whether the session still lives is asked each time.
func TestAGoodTokenOfAnEndedSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		f := newForger(k)
		token := f.with(nil)
		me(k, token).Want(k, 200)
		testkit.NoErr(t, k.DB.Exec("update auth_sessions set revoked_at = created_at where id = $1", f.claims["sid"]))
		for range 5 {
			me(k, token).WantCode(k, 401, "unauthenticated")
		}
	})
}

func TestCookiesThatAreNoToken_ASVS_7_2_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		token := newForger(k).with(nil)
		want := k.Get("/auth/me", nil).WantCode(k, 401, "unauthenticated")
		for what, lines := range map[string][]string{
			"twice":            {"access_token=" + token + "; access_token=" + token},
			"two lines":        {"access_token=" + token, "access_token=" + token},
			"good, then empty": {"access_token=" + token + "; access_token="},
			"bad, then good":   {"access_token=x; access_token=" + token},
			"not ASCII":        {"access_token=\u05e9\u05dc\u05d5\u05dd"},
			"broken UTF-8":     {"access_token=\xff\xfe"},
			"https name":       {"__Host-access_token=" + token},
			"many":             {strings.Repeat("a=b; ", 2000) + "access_token=x"},
		} {
			if res := k.Get("/auth/me", http.Header{"Cookie": lines}); !res.SameBut(want) {
				t.Errorf("%s: %d %s", what, res.Status, res.Body)
			}
		}
		k.Get("/auth/me", http.Header{"Authorization": {"Bearer " + token}}).WantCode(k, 401, "unauthenticated")
		k.Get("/auth/me?access_token="+token, nil).WantCode(k, 401, "unauthenticated")
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{token})
	})
}
