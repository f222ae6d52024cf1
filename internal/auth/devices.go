package auth

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// SignedInOn is a session as its person sees it in the list of their devices.
type SignedInOn struct {
	ID                    uuid.UUID
	Browser, System       string // in plain words; empty when not known
	Address               string
	CreatedAt, LastSeenAt time.Time
	Current, Platform     bool
}

// Devices lists the live sessions of the person of a session.
func (s *Service) Devices(ctx context.Context, session Session) ([]SignedInOn, error) {
	rows, err := s.o.Store.SessionsOf(ctx, session.User(), s.o.Now().UTC().Add(-s.o.Idle-touchEvery))
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	all := make([]SignedInOn, 0, len(rows))
	for _, row := range rows {
		browser, system := DeviceWords(string(row.Device))
		all = append(all, SignedInOn{
			ID: row.ID, Browser: browser, System: system, Address: string(row.Address), CreatedAt: row.CreatedAt,
			LastSeenAt: s.seen.latest(row.ID, row.LastSeenAt), Current: row.ID == session.ID, Platform: row.WorkspaceID == uuid.Nil,
		})
	}
	return all, nil
}

// Revoke ends one session of the person of a session; NotFound when they have
// none of that id.
func (s *Service) Revoke(ctx context.Context, session Session, id uuid.UUID, d Device) error {
	return s.revoke(ctx, session, d, func(tx *store.IdentityTx) error { return tx.RevokeOwnSession(session.User(), id) })
}

// RevokeOthers ends all sessions of the person but the one that asks.
func (s *Service) RevokeOthers(ctx context.Context, session Session, d Device) error {
	return s.revoke(ctx, session, d, func(tx *store.IdentityTx) error {
		return tx.RevokeOtherSessions(session.User(), session.ID)
	})
}

func (s *Service) revoke(ctx context.Context, session Session, d Device, end func(*store.IdentityTx) error) error {
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		if err := end(tx); err != nil {
			return err
		}
		return tx.RecordSignIn(session.person(), model.SignInRevoke, store.SignInOK, session.ID, d.Request)
	})
	if err != nil {
		return fmt.Errorf("revoke sessions: %w", err)
	}
	return nil
}
