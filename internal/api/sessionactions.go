package api

import (
	"context"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"
)

type versionIn struct {
	Version int64 `json:"version,omitempty" doc:"The version you saw; required here or as If-Match."`
}

func (a *API) signSession(ctx context.Context, sc store.Scope, in *editSessionIn) (*sessionOut, error) {
	var b versionIn
	version, err := a.editBody(ctx, sc, model.SessionSign, in, &b, &b.Version)
	if err != nil {
		return nil, err
	}
	return sent(a.o.Practice.SignSession(ctx, sc, in.id(), version))
}

type amendIn struct {
	ContentIn
	Reason  string `json:"reason" minLength:"1" maxLength:"500" doc:"Why the signed note is changed."`
	Version int64  `json:"version,omitempty" doc:"The version you saw; required here or as If-Match."`
}

func (a *API) amendSession(ctx context.Context, sc store.Scope, in *editSessionIn) (*sessionOut, error) {
	var b amendIn
	version, err := a.editBody(ctx, sc, model.SessionAmend, in, &b, &b.Version)
	if err != nil {
		return nil, err
	}
	return sent(a.o.Practice.AmendSession(ctx, sc, in.id(), practice.SessionChange{Version: version, Apply: b.change}, model.Text(b.Reason)))
}

type voidIn struct {
	Reason  string `json:"reason" minLength:"1" maxLength:"500" doc:"Why the note must not be relied on."`
	Version int64  `json:"version,omitempty" doc:"The version you saw; required here or as If-Match."`
}

func (a *API) voidSession(ctx context.Context, sc store.Scope, in *editSessionIn) (*sessionOut, error) {
	var b voidIn
	version, err := a.editBody(ctx, sc, model.SessionVoid, in, &b, &b.Version)
	if err != nil {
		return nil, err
	}
	return sent(a.o.Practice.VoidSession(ctx, sc, in.id(), model.Text(b.Reason), version))
}

type copyIn struct {
	From     string   `json:"from_session_id" format:"uuid" doc:"Another note about the same client."`
	Sections []string `json:"sections,omitempty" minItems:"1" enum:"subjective,objective,assessment,plan" doc:"Left out: all."`
	Version  int64    `json:"version,omitempty" doc:"The version you saw; required here or as If-Match."`
}

func (a *API) copySession(ctx context.Context, sc store.Scope, in *editSessionIn) (*sessionOut, error) {
	var b copyIn
	version, err := a.editBody(ctx, sc, model.SessionSave, in, &b, &b.Version)
	if err != nil {
		return nil, err
	}
	return sent(a.o.Practice.CopySession(ctx, sc, in.id(), idOf(b.From), b.Sections, version))
}

type deleteSessionIn struct {
	Reason  string `json:"reason,omitempty" maxLength:"500"`
	Version int64  `json:"version,omitempty" doc:"The version you saw; a stale one answers 409."`
}

func (a *API) deleteSession(ctx context.Context, sc store.Scope, in *editSessionIn) (*none, error) {
	var b deleteSessionIn
	if err := decodeIfAny(ctx, &b); err != nil {
		if missing := a.o.Practice.CheckSession(ctx, sc, model.SessionDelete, in.id()); missing != nil {
			return nil, missing
		}
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err != nil {
		return nil, err
	}
	return nil, a.o.Practice.DeleteSession(ctx, sc, in.id(), version, model.Text(b.Reason))
}

func (a *API) restoreSession(ctx context.Context, sc store.Scope, in *SessionPath) (*sessionOut, error) {
	return sent(a.o.Practice.RestoreSession(ctx, sc, in.id()))
}
