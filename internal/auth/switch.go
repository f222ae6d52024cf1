package auth

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ToPlatform exchanges a session for one of the platform; Denied for whoever
// does not run the server. The exchanged session is over.
func (s *Service) ToPlatform(ctx context.Context, session Session, d Device) (SignedIn, error) {
	return s.exchange(ctx, session, d, func(u *model.User) error {
		if !u.Admin {
			return model.ErrDenied
		}
		u.WorkspaceID, u.Role = uuid.Nil, 0
		return nil
	})
}

// ToPractice exchanges a platform session for one of the admin's own practice;
// Denied when they are in none.
func (s *Service) ToPractice(ctx context.Context, session Session, d Device) (SignedIn, error) {
	return s.exchange(ctx, session, d, func(u *model.User) error {
		if u.WorkspaceID == uuid.Nil {
			return model.ErrDenied
		}
		return nil
	})
}

func (s *Service) exchange(ctx context.Context, session Session, d Device, may func(*model.User) error) (SignedIn, error) {
	return s.enter(ctx, d, func(tx *store.IdentityTx) (entry, error) {
		u, err := tx.User(session.User())
		if err != nil {
			return entry{}, err
		}
		if err := may(&u); err != nil {
			return entry{}, s.denyHere(tx, session, model.SignInPlatform, d, err)
		}
		if err := over(tx.RevokeOwnSession(u.ID, session.ID)); err != nil {
			return entry{}, err
		}
		row, err := s.openAs(tx, u, session, d)
		return entry{row: row}, err
	})
}

// over tells who exchanges a session that has ended since it was looked up:
// exchanged by another request, or revoked.
func over(err error) error {
	if model.KindOf(err) == model.NotFound {
		return model.ErrUnauthenticated
	}
	if err != nil {
		return fmt.Errorf("exchange session: %w", err)
	}
	return nil
}

// openAs opens a session in which a factor counts as proved as long as in the
// one that it replaces.
func (s *Service) openAs(tx *store.IdentityTx, u model.User, session Session, d Device) (store.AuthSession, error) {
	if err := tx.RecordSignIn(u, model.SignInPlatform, store.SignInOK, session.ID, d.Request); err != nil {
		return store.AuthSession{}, err
	}
	return s.openProved(tx, u, session.Factor, tx.Now().Add(session.FreshLeft-freshFor), d)
}
