package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// minSecret is how long a secret key must be, in bytes.
const minSecret = 32

// signingKey is derived from the secret key for one purpose. While the secret
// is rotated, what the old one has signed is good as well.
type signingKey struct {
	now []byte
	old []byte // nil: none
}

// derive returns the key for a purpose.
func derive(o Options, purpose string) (k signingKey, err error) {
	if k.now, err = deriveOne(o.Secret, purpose); err != nil || len(o.OldSecret) == 0 {
		return k, err
	}
	k.old, err = deriveOne(o.OldSecret, purpose)
	return k, err
}

func deriveOne(secret []byte, purpose string) ([]byte, error) {
	if len(secret) < minSecret {
		return nil, fmt.Errorf("auth: the secret key has %d bytes, fewer than %d", len(secret), minSecret)
	}
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("auth: derive %s key: %w", purpose, err)
	}
	return key, nil
}

// good are the keys whose signatures count.
func (k signingKey) good() [][]byte {
	if k.old == nil {
		return [][]byte{k.now}
	}
	return [][]byte{k.now, k.old}
}

// macOf is the HMAC-SHA-256 of the parts under a key.
func macOf(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write(p)
	}
	return mac.Sum(nil)
}
