package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// What the owners of a practice are told that the operator did to it.
const (
	NoticeSuspended   = "practice_suspended"
	NoticeReactivated = "practice_reactivated"
)

// Owners returns the active owners of a practice, who has been one longest
// first.
func (tx *PlatformTx) Owners(practice uuid.UUID) ([]model.User, error) {
	r, err := tx.c.query(tx.ctx, ownersSQL, practice)
	all, err := collect(r, err, func(r rows) (model.User, error) { return scanPerson(r, tx.box) })
	if err != nil {
		return nil, fmt.Errorf("owners: %w", err)
	}
	return all, nil
}

// QueueOwnerNotice has a mail to an owner made and sent. It belongs to no
// practice, because what belongs to a suspended one is not done.
func (tx *PlatformTx) QueueOwnerNotice(job uuid.UUID, owner model.User, what string) error {
	return tx.queue(job, JobNotice, uuid.Nil, MemberNotice{User: owner.ID, What: what})
}
