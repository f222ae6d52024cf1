package testkit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// SignIn opens a session for a member by a link, as a person would.
func (k *Kit) SignIn(u model.User) auth.SignedIn {
	k.T.Helper()
	token := hex.EncodeToString(RandomBytes(k.T, 32))
	sum := sha256.Sum256([]byte(token))
	err := k.Store.Identity(k.T.Context(), func(tx *store.IdentityTx) error {
		return tx.InsertLink(store.SignInLink{ID: uuid.New(), UserID: u.ID, TokenHash: sum[:], ExpiresAt: tx.Now().Add(time.Minute)})
	})
	if err != nil {
		k.T.Fatalf("sign in: %v", err)
	}
	// Each sign-in comes from an address of its own, so that the limits on
	// tries, which have tests of their own, stay out of the way.
	raw := RandomBytes(k.T, 4)
	from := netip.AddrFrom4([4]byte(raw))
	d := auth.Device{Browser: "testkit", Address: from.String()}
	in, err := k.Auth.SignInByLink(k.T.Context(), token, "", from, d)
	if err == nil && in.State == auth.StateSecondFactor {
		in, err = k.recover(u, in, from, d)
	}
	if err != nil {
		k.T.Fatalf("sign in: %v", err)
	}
	return in
}

// recover meets a challenge with a recovery code that it puts there itself.
func (k *Kit) recover(u model.User, in auth.SignedIn, from netip.Addr, d auth.Device) (auth.SignedIn, error) {
	const code = "AAAABBBBCCCCDDDD"
	err := k.Store.Identity(k.T.Context(), func(tx *store.IdentityTx) error { return tx.SetRecoveryCodes(u.ID, []string{code}) })
	if err != nil {
		return in, err
	}
	_, challenge, _ := strings.Cut(cookiePair(in, "sign_in_challenge"), "=")
	return k.Auth.SecondFactor(k.T.Context(), challenge, model.FactorRecovery, code, from, d)
}

// AuthHeaders signs the member in and returns the Cookie header with the
// access token: enough for GET.
func (k *Kit) AuthHeaders(u model.User) http.Header {
	k.T.Helper()
	in := k.SignIn(u)
	access := cookiePair(in, "access_token")
	k.csrf.Store(access, cookiePair(in, "csrf_token"))
	return http.Header{"Cookie": {access}}
}

// CSRF returns headers of AuthHeaders with what a change needs besides: the
// CSRF cookie, and its token in X-CSRF-Token.
func (k *Kit) CSRF(h http.Header) http.Header {
	k.T.Helper()
	access := h.Get("Cookie")
	pair, ok := k.csrf.Load(access)
	if !ok {
		k.T.Fatal("CSRF wants headers of AuthHeaders")
	}
	_, token, _ := strings.Cut(pair.(string), "=")
	full := h.Clone()
	full.Set("Cookie", access+"; "+pair.(string))
	full.Set("X-CSRF-Token", token)
	return full
}

// CSRFHeaders signs the member in and returns all that a change needs.
func (k *Kit) CSRFHeaders(u model.User) http.Header {
	k.T.Helper()
	return k.CSRF(k.AuthHeaders(u))
}

func cookiePair(in auth.SignedIn, name string) string {
	for _, c := range in.Cookies {
		if c.Name == name {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// Response is an answer, read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Decode reads the JSON body into v.
func (r *Response) Decode(k *Kit, v any) {
	k.T.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		k.T.Fatalf("answer is not JSON (%v): %s", err, r.Body)
	}
}

// Map returns a JSON object.
func (r *Response) Map(k *Kit) map[string]any {
	k.T.Helper()
	var m map[string]any
	r.Decode(k, &m)
	return m
}

// List returns a JSON array of objects.
func (r *Response) List(k *Kit) []map[string]any {
	k.T.Helper()
	var l []map[string]any
	r.Decode(k, &l)
	return l
}

// Do sends a request to the test's server. A body that is a string or bytes
// goes out as it is, anything else as JSON; nil sends none. A path that does
// not start with /api, /openapi, /healthz or /readyz is put under /api/v1.
func (k *Kit) Do(method, path string, header http.Header, body any) *Response {
	k.T.Helper()
	req, err := http.NewRequestWithContext(k.T.Context(), method, k.Server.URL+k.path(path), reader(k, body))
	if err != nil {
		k.T.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := noRedirects.Do(req)
	if err != nil {
		k.T.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		k.T.Fatalf("%s %s: %v", method, path, err)
	}
	return &Response{res.StatusCode, res.Header, raw}
}

var noRedirects = &http.Client{
	Timeout:       20 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (k *Kit) path(path string) string {
	for _, own := range []string{"/api", "/openapi", "/healthz", "/readyz"} {
		if strings.HasPrefix(path, own) {
			return path
		}
	}
	return "/api/v1" + path
}

func reader(k *Kit, body any) io.Reader {
	k.T.Helper()
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	case []byte:
		return bytes.NewReader(b)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		k.T.Fatal(err)
	}
	return bytes.NewReader(raw)
}

// Get sends a GET.
func (k *Kit) Get(path string, header http.Header) *Response {
	k.T.Helper()
	return k.Do(http.MethodGet, path, header, nil)
}

// Want fails the test when the status is another, with the whole answer.
func (r *Response) Want(k *Kit, status int) *Response {
	k.T.Helper()
	if r.Status != status {
		if r.Status >= http.StatusInternalServerError {
			k.T.Log(k.Log.String())
		}
		k.T.Fatalf("status %d, want %d: %s", r.Status, status, r.Body)
	}
	return r
}

// WantCode fails the test when status or the problem's code is another.
func (r *Response) WantCode(k *Kit, status int, code string) *Response {
	k.T.Helper()
	r.Want(k, status)
	if got := r.Map(k)["code"]; got != code {
		k.T.Fatalf("code %v, want %s: %s", got, code, r.Body)
	}
	return r
}
