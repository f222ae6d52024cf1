package model

import (
	"slices"
	"time"
)

// PaymentStatuses are what is known of the payment of an appointment.
var PaymentStatuses = []string{"not_paid", "payment_sent", "paid", "waived"}

// PaymentMethods are the ways in which people pay.
var PaymentMethods = []string{"cash", "card", "bank_transfer", "bit", "paybox", "other"}

// Payment is what an appointment costs and whether that was paid.
type Payment struct {
	// Price is in minor units of Currency; nil: none was agreed.
	Price *int64
	// Currency is an ISO 4217 code, the workspace's when the price was set.
	Currency string
	// PaymentStatus is one of PaymentStatuses.
	PaymentStatus string
	// PaymentMethod is one of PaymentMethods, or empty.
	PaymentMethod string
	PaidAt        *time.Time
}

func (p Payment) clean(bad []Field) (Payment, []Field) {
	if !slices.Contains(PaymentStatuses, p.PaymentStatus) {
		bad = append(bad, Field{"payment_status", "choice", "Must be not_paid, payment_sent, paid or waived."})
	}
	if p.PaymentMethod != "" && !slices.Contains(PaymentMethods, p.PaymentMethod) {
		bad = append(bad, Field{"payment_method", "choice", "Must be cash, card, bank_transfer, bit, paybox or other."})
	}
	return p, checkPrice(p.Price, bad)
}

// paidSlack is how far a caller's clock may be ahead of ours.
const paidSlack = 5 * time.Minute

// Settle is the one rule for the time of payment, whatever path a payment
// takes: what becomes paid is paid now unless a time was given, and keeps its
// time for as long as it stays paid; what is not paid has none.
func (p Payment) Settle(now time.Time) (Payment, error) {
	switch {
	case p.PaidAt != nil && p.PaidAt.After(now.Add(paidSlack)):
		return p, InvalidFields([]Field{{"paid_at", "future", "Must not be in the future."}})
	case p.PaymentStatus != "paid":
		p.PaidAt = nil
	case p.PaidAt == nil:
		p.PaidAt = &now
	}
	return p, nil
}
