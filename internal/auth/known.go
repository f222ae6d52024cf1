package auth

import (
	"crypto/hmac"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

const (
	// knownLife is as long as browsers keep a cookie.
	knownLife = 400 * 24 * time.Hour
	// maxKnown is how many people one browser is known by.
	maxKnown = 5
	// sealLength is that of 16 bytes as the cookie has them.
	sealLength = 22
)

// knownDevices signs the cookie by which a browser is known to have signed
// somebody in before: a random id, and for each person a seal over it, from
// which nobody can tell who it is.
type knownDevices signingKey

func (k knownDevices) seal(device string, user uuid.UUID) string {
	return sealUnder(k.now, device, user)
}

func sealUnder(key []byte, device string, user uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(macOf(key, user[:], []byte(device))[:16])
}

// knows reports whether the browser with that cookie has signed user in.
func (k knownDevices) knows(cookie string, user uuid.UUID) bool {
	device, seals := splitKnown(cookie)
	return slices.ContainsFunc(signingKey(k).good(), func(key []byte) bool {
		want := sealUnder(key, device, user)
		return slices.ContainsFunc(seals, func(s string) bool { return hmac.Equal([]byte(s), []byte(want)) })
	})
}

// with returns the cookie with user added, who comes first.
func (k knownDevices) with(cookie string, user uuid.UUID, newToken func() (string, error)) (string, error) {
	device, seals := splitKnown(cookie)
	if device == "" {
		token, err := newToken()
		if err != nil {
			return "", err
		}
		device = token
	}
	own := k.seal(device, user)
	seals = append([]string{own}, slices.DeleteFunc(seals, func(s string) bool { return s == own })...)
	return device + "." + strings.Join(seals[:min(len(seals), maxKnown)], "."), nil
}

// splitKnown reads a cookie; of one that is not ours nothing is kept.
func splitKnown(cookie string) (device string, seals []string) {
	parts := strings.Split(cookie, ".")
	device, seals = parts[0], parts[1:]
	strange := func(seal string) bool { return len(seal) != sealLength }
	if len(device) != 43 || len(seals) > maxKnown || slices.ContainsFunc(seals, strange) || !plainToken(cookie) {
		return "", nil
	}
	return device, seals
}

// ours is the cookie, or nothing of one that is not ours.
func ours(cookie string) string {
	if device, _ := splitKnown(cookie); device == "" {
		return ""
	}
	return cookie
}

func plainToken(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool {
		return c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
}

// tellNewDevice mails somebody who signs in on a device on which they never
// did. The first sign-in of all is no news.
func (s *Service) tellNewDevice(tx *store.IdentityTx, u model.User, d Device) error {
	if s.known.knows(d.Known, u.ID) {
		return nil
	}
	before, err := tx.SignedInBefore(u.ID)
	if err != nil || !before {
		return err
	}
	zone, err := tx.Zone(u.WorkspaceID)
	if err != nil {
		return err
	}
	return s.notify(tx, u, newDeviceMail(u.Locale, d.Browser, mailTime(u.Locale, tx.Now(), zone)))
}
