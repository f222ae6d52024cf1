package testkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"github.com/fxamacker/cbor/v2"
)

// Authenticator is a passkey device: it makes ES256 keys without attestation
// and signs what it is asked, as the browser's navigator.credentials does.
type Authenticator struct {
	k *Kit
	// Origin is the page that asks, RPID the server it asks for.
	Origin, RPID string
	// Verified says that it checked its owner, by finger or PIN.
	Verified bool
	// Count is how often it was used; it stays 0 when Counts is false.
	Count  uint32
	Counts bool
	// UserHandle is told with each answer; it was given at registration.
	UserHandle []byte

	key *ecdsa.PrivateKey
	id  []byte
}

// NewAuthenticator returns a device that was never used.
func (k *Kit) NewAuthenticator() *Authenticator {
	k.T.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	NoErr(k.T, err)
	return &Authenticator{k: k, Origin: PublicURL, RPID: "localhost", Verified: true, Counts: true, key: key, id: RandomBytes(k.T, 32)}
}

// Clone is the same device once more, as a thief would have it.
func (a *Authenticator) Clone() *Authenticator {
	c := *a
	return &c
}

// request is the part of the question that the device needs.
type request struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func (a *Authenticator) read(res *Response) request {
	a.k.T.Helper()
	var r request
	res.Decode(a.k, &r)
	if r.PublicKey.Challenge == "" {
		a.k.T.Fatalf("no challenge in %s", res.Body)
	}
	return r
}

// Create answers the question for a new passkey.
func (a *Authenticator) Create(question *Response) map[string]any {
	a.k.T.Helper()
	q := a.read(question)
	handle, err := base64.RawURLEncoding.DecodeString(q.PublicKey.User.ID)
	NoErr(a.k.T, err)
	a.UserHandle = handle
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(0x40, a.attested())})
	NoErr(a.k.T, err)
	return a.answer(map[string]any{
		"clientDataJSON": text(a.client("webauthn.create", q.PublicKey.Challenge)), "attestationObject": text(object),
		"transports": []string{"internal"},
	})
}

// Get answers the question for a signature.
func (a *Authenticator) Get(question *Response) map[string]any {
	a.k.T.Helper()
	q := a.read(question)
	if a.Counts {
		a.Count++
	}
	client := a.client("webauthn.get", q.PublicKey.Challenge)
	data := a.data(0, nil)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	NoErr(a.k.T, err)
	return a.answer(map[string]any{
		"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature), "userHandle": text(a.UserHandle),
	})
}

func (a *Authenticator) answer(response map[string]any) map[string]any {
	return map[string]any{
		"id": text(a.id), "rawId": text(a.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	}
}

func (a *Authenticator) client(kind, challenge string) []byte {
	a.k.T.Helper()
	raw, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
	NoErr(a.k.T, err)
	return raw
}

// data is the authenticator data: whose, in what state, how often used.
func (a *Authenticator) data(flags byte, attested []byte) []byte {
	server := sha256.Sum256([]byte(a.RPID))
	flags |= 0x01 // somebody was there
	if a.Verified {
		flags |= 0x04
	}
	out := append(server[:], flags)
	out = binary.BigEndian.AppendUint32(out, a.Count)
	return append(out, attested...)
}

// attested is the new key.
func (a *Authenticator) attested() []byte {
	a.k.T.Helper()
	point, err := a.key.PublicKey.Bytes()
	NoErr(a.k.T, err)
	key, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	NoErr(a.k.T, err)
	out := make([]byte, 16) // no maker is named
	out = binary.BigEndian.AppendUint16(out, uint16(len(a.id)))
	return append(append(out, a.id...), key...)
}

func text(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
