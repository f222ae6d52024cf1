package model_test

import (
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
)

// paidAt is a payment of that status, with a time unless it is zero.
func paidAt(status string, at time.Time) model.Payment {
	p := model.Payment{PaymentStatus: status}
	if !at.IsZero() {
		p.PaidAt = &at
	}
	return p
}

func TestTimeOfPayment(t *testing.T) {
	t.Parallel()
	var none time.Time
	early, late := today.Add(-48*time.Hour), today.Add(-time.Hour)
	for what, c := range map[string]struct {
		after model.Payment
		want  time.Time
		code  string
	}{
		"becomes paid":                  {paidAt("paid", none), today, ""},
		"made as paid":                  {paidAt("paid", none), today, ""},
		"made as paid at a time":        {paidAt("paid", early), early, ""},
		"becomes paid at a time":        {paidAt("paid", early), early, ""},
		"paid again":                    {paidAt("paid", early), early, ""},
		"paid again at another time":    {paidAt("paid", late), late, ""},
		"paid, its time forgotten":      {paidAt("paid", none), today, ""},
		"no longer paid":                {paidAt("not_paid", early), none, ""},
		"waived after all":              {paidAt("waived", early), none, ""},
		"asked for after all":           {paidAt("payment_sent", early), none, ""},
		"never paid":                    {paidAt("not_paid", none), none, ""},
		"waived":                        {paidAt("waived", none), none, ""},
		"asked for":                     {paidAt("payment_sent", none), none, ""},
		"paid five minutes from now":    {paidAt("paid", today.Add(5*time.Minute)), today.Add(5 * time.Minute), ""},
		"paid in the future":            {paidAt("paid", today.Add(5*time.Minute+1)), none, "paid_at future"},
		"paid again in the future":      {paidAt("paid", today.Add(time.Hour)), none, "paid_at future"},
		"not paid, with a time":         {paidAt("not_paid", early), none, ""},
		"not paid, in the future":       {paidAt("not_paid", today.Add(time.Hour)), none, "paid_at future"},
		"not paid after, in the future": {paidAt("waived", today.Add(time.Hour)), none, "paid_at future"},
	} {
		got, err := c.after.Settle(today)
		if strings.Join(fields(err), ",") != c.code {
			t.Errorf("%s: %v, want %q", what, err, c.code)
			continue
		}
		if c.code == "" && (got.PaidAt == nil) != c.want.IsZero() || got.PaidAt != nil && c.code == "" && !got.PaidAt.Equal(c.want) {
			t.Errorf("%s: paid at %v, want %v", what, got.PaidAt, c.want)
		}
	}
}

func TestSettlingAPaymentTouchesItsTimeAlone(t *testing.T) {
	t.Parallel()
	price := int64(15000)
	before := model.Payment{Price: &price, Currency: "ILS", PaymentStatus: "paid", PaymentMethod: "bit", PaidAt: &today}
	after := before
	after.PaymentStatus = "not_paid"
	got, err := after.Settle(today)
	if err != nil || got.Price != &price || got.Currency != "ILS" || got.PaymentStatus != "not_paid" || got.PaymentMethod != "bit" || got.PaidAt != nil {
		t.Errorf("%v: %+v", err, got)
	}
	if before.PaidAt != &today {
		t.Error("the payment before was changed")
	}
}

func TestPaymentRules(t *testing.T) {
	t.Parallel()
	price := func(p int64) *int64 { return &p }
	for what, c := range map[string]struct {
		p    model.Payment
		want string
	}{
		"no price":               {model.Payment{PaymentStatus: "not_paid"}, ""},
		"free":                   {model.Payment{PaymentStatus: "paid", Price: price(0)}, ""},
		"highest price":          {model.Payment{PaymentStatus: "waived", Price: price(model.MaxPrice)}, ""},
		"price below zero":       {model.Payment{PaymentStatus: "paid", Price: price(-1)}, "price range"},
		"price too high":         {model.Payment{PaymentStatus: "paid", Price: price(model.MaxPrice + 1)}, "price range"},
		"unknown status":         {model.Payment{PaymentStatus: "refunded"}, "payment_status choice"},
		"no status":              {model.Payment{}, "payment_status choice"},
		"status in capitals":     {model.Payment{PaymentStatus: "PAID"}, "payment_status choice"},
		"unknown method":         {model.Payment{PaymentStatus: "paid", PaymentMethod: "cheque"}, "payment_method choice"},
		"cash":                   {model.Payment{PaymentStatus: "paid", PaymentMethod: "cash"}, ""},
		"card":                   {model.Payment{PaymentStatus: "paid", PaymentMethod: "card"}, ""},
		"bank transfer":          {model.Payment{PaymentStatus: "payment_sent", PaymentMethod: "bank_transfer"}, ""},
		"bit":                    {model.Payment{PaymentStatus: "paid", PaymentMethod: "bit"}, ""},
		"paybox":                 {model.Payment{PaymentStatus: "paid", PaymentMethod: "paybox"}, ""},
		"other":                  {model.Payment{PaymentStatus: "paid", PaymentMethod: "other"}, ""},
		"all of it wrong at all": {model.Payment{PaymentMethod: "gold", Price: price(-5)}, "payment_status choice,payment_method choice,price range"},
	} {
		a := booking()
		a.Payment = c.p
		if _, err := a.Normalize(); strings.Join(fields(err), ",") != c.want {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}
