package auth

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func token() (string, error) {
	raw := make([]byte, 32)
	_, err := rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw), err
}

func with(t *testing.T, k knownDevices, cookie string, user uuid.UUID) string {
	t.Helper()
	out, err := k.with(cookie, user, token)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABrowserIsKnownToThoseWhoSignedInWithIt(t *testing.T) {
	t.Parallel()
	k, other := knownDevices{now: []byte("a key of the server, long enough")}, knownDevices{now: []byte("another key of another server...")}
	noa, dan := uuid.New(), uuid.New()
	cookie := with(t, k, "", noa)
	if !k.knows(cookie, noa) || k.knows(cookie, dan) || other.knows(cookie, noa) {
		t.Fatal("one person's browser")
	}
	both := with(t, k, cookie, dan)
	if !k.knows(both, noa) || !k.knows(both, dan) {
		t.Fatal("two people's browser")
	}
	if again := with(t, k, both, dan); again != both {
		t.Errorf("signing in again makes another cookie: %s, %s", both, again)
	}
	stolen := with(t, k, "", dan)
	mixed := strings.SplitN(stolen, ".", 2)[0] + "." + strings.SplitN(cookie, ".", 2)[1]
	if k.knows(mixed, noa) {
		t.Error("a seal of another browser is accepted")
	}
	if strings.Contains(both, noa.String()) {
		t.Error("the cookie names the person")
	}
}

func TestABrowserRemembersFivePeople(t *testing.T) {
	t.Parallel()
	k := knownDevices{now: []byte("a key of the server, long enough")}
	cookie, people := "", []uuid.UUID{}
	for range 7 {
		people = append(people, uuid.New())
		cookie = with(t, k, cookie, people[len(people)-1])
	}
	for i, p := range people {
		if k.knows(cookie, p) != (i >= 2) {
			t.Errorf("person %d is known: %v", i, k.knows(cookie, p))
		}
	}
	if len(cookie) > 200 {
		t.Errorf("the cookie has %d bytes", len(cookie))
	}
}

func FuzzKnownDevice(f *testing.F) {
	k, user := knownDevices{now: []byte("a key of the server, long enough")}, uuid.New()
	good, err := k.with("", user, token)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Add("." + good)
	f.Add(good + "." + strings.Repeat("x", 150))
	f.Add(strings.Repeat("0", 43) + "." + strings.Repeat("0", 150)) // short enough to be read, too long with another seal
	f.Add(strings.Repeat("a", 43) + strings.Repeat(".x", 9))
	f.Fuzz(func(t *testing.T, cookie string) {
		if cookie != good && !strings.HasPrefix(cookie, good+".") && k.knows(cookie, user) {
			t.Fatalf("%q is believed", cookie)
		}
		out, err := k.with(cookie, user, token)
		if err != nil || !k.knows(out, user) || len(out) > 200 || strings.ContainsAny(out, "; \r\n\",") {
			t.Fatalf("%q became %q, %v", cookie, out, err)
		}
	})
}
