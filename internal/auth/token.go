package auth

import (
	"fmt"
	"strings"
	"time"

	"pazpaz/internal/model"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	issuer   = "pazpaz"
	audience = "pazpaz-web"
	// maxToken bounds what is parsed: our own tokens have about 450 bytes.
	maxToken = 2048
	// leeway forgives clocks of several servers that differ a little.
	leeway = 30 * time.Second
)

// claims are all that an access token carries: ids and times.
type claims struct {
	jwt.RegisteredClaims

	Workspace uuid.UUID `json:"ws"`
	Session   uuid.UUID `json:"sid"`
}

// tokens signs and reads access tokens. A token alone opens nothing: the
// session row behind it is looked up on each request.
type tokens struct {
	key signingKey
	now func() time.Time
}

func (t tokens) sign(user, workspace, session uuid.UUID, expires time.Time) (string, error) {
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: user.String(), ID: session.String(),
			IssuedAt: jwt.NewNumericDate(t.now()), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Workspace: workspace, Session: session,
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(t.key.now)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}

// read returns the claims of a token that we signed and that is not over.
func (t tokens) read(token string) (claims, error) {
	var c claims
	if len(token) > maxToken || strings.ContainsAny(token, "\r\n") { // base64 would read past line breaks
		return c, model.ErrUnauthenticated
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithStrictDecoding(), jwt.WithTimeFunc(t.now),
	)
	_, err := parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return t.verifying(), nil })
	if err != nil || c.Session == uuid.Nil || c.ID != c.Session.String() {
		return c, model.ErrUnauthenticated // the cause would help only a forger
	}
	return c, nil
}

// verifying are the keys of which one must have signed.
func (t tokens) verifying() jwt.VerificationKeySet {
	var set jwt.VerificationKeySet
	for _, k := range t.key.good() {
		set.Keys = append(set.Keys, k)
	}
	return set
}
