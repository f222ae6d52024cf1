package api

import (
	"context"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

type consent struct {
	ID          string     `json:"id" format:"uuid"`
	Kind        string     `json:"kind" enum:"treatment,data,reminders"`
	TextVersion string     `json:"text_version"`
	Text        string     `json:"text"`
	GivenAt     time.Time  `json:"given_at"`
	GivenBy     string     `json:"given_by" format:"uuid" doc:"The member who recorded it."`
	WithdrawnAt *time.Time `json:"withdrawn_at"`
	WithdrawnBy *string    `json:"withdrawn_by" format:"uuid"`
}

func consentOf(c model.Consent) consent {
	out := consent{
		ID: c.ID.String(), Kind: c.Kind, TextVersion: string(c.TextVersion), Text: string(c.Text),
		GivenAt: c.GivenAt, GivenBy: c.GivenBy.String(), WithdrawnAt: c.WithdrawnAt,
	}
	if c.WithdrawnBy != nil {
		by := c.WithdrawnBy.String()
		out.WithdrawnBy = &by
	}
	return out
}

type consentsOut struct{ Body []consent }

func (a *API) listConsents(ctx context.Context, sc store.Scope, in *ClientPath) (*consentsOut, error) {
	all, err := a.o.Practice.ListConsents(ctx, sc, in.id())
	out := make([]consent, len(all))
	for i, c := range all {
		out[i] = consentOf(c)
	}
	return &consentsOut{out}, err
}

type consentIn struct {
	Kind        string `json:"kind" enum:"treatment,data,reminders"`
	TextVersion string `json:"text_version" minLength:"1" maxLength:"100" doc:"Names the wording that was shown." example:"2026-11"`
	Text        string `json:"text" minLength:"1" maxLength:"10000" doc:"The wording that was shown."`
}

type consentOut struct{ Body consent }

func (a *API) giveConsent(ctx context.Context, sc store.Scope, in *ClientPath) (*consentOut, error) {
	if err := a.o.Practice.CheckClient(ctx, sc, model.ConsentGive, in.id()); err != nil {
		return nil, err
	}
	var b consentIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	c, err := a.o.Practice.GiveConsent(ctx, sc, model.Consent{
		ClientID: in.id(), Kind: b.Kind, TextVersion: model.Text(b.TextVersion), Text: model.Text(b.Text),
	})
	return &consentOut{consentOf(c)}, err
}

type consentPath struct {
	ClientPath

	ConsentID string `path:"consent_id" format:"uuid"`
}

func (a *API) withdrawConsent(ctx context.Context, sc store.Scope, in *consentPath) (*consentOut, error) {
	c, err := a.o.Practice.WithdrawConsent(ctx, sc, in.id(), idOf(in.ConsentID))
	return &consentOut{consentOf(c)}, err
}
