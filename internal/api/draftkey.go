package api

import (
	"context"
	"encoding/base64"

	"pazpaz/internal/store"
)

type draftKey struct {
	Key string `json:"key" doc:"32 bytes in base64url without padding; the same after each sign-in of the same person."`
}

type draftKeyOut struct{ Body draftKey }

// draftKey is the half without which a copy of unsaved text, left in a
// browser, is worth nothing to whoever finds it.
func (a *API) draftKey(ctx context.Context, sc store.Scope, _ *none) (*draftKeyOut, error) {
	key, err := a.o.Auth.DraftKey(ctx, sc)
	if err != nil {
		return nil, err
	}
	return &draftKeyOut{draftKey{base64.RawURLEncoding.EncodeToString(key)}}, nil
}
