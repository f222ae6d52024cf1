package model

// Factor is a way to prove who one is.
type Factor string

// The factors. Mail proves a person only as long as they have no other.
const (
	FactorTOTP     Factor = "totp"
	FactorPasskey  Factor = "passkey"
	FactorRecovery Factor = "recovery"
	FactorMail     Factor = "mail"
)

// Factors are the ways that are open to a person.
type Factors []Factor

// ErrFactorRequired answers a person who has no second factor where one must
// be had; all they can do is to set one up.
var ErrFactorRequired = &Error{Kind: Denied, Code: "factor_required", Detail: "Set up a second factor to go on."}

// StepUpRequired answers an act that wants a fresh proof of who is there, and
// names the ways to give it.
func StepUpRequired(ways Factors) error {
	return &Error{Kind: Denied, Code: "step_up_required", Detail: "Confirm that it is you to go on.", Current: ways}
}

// maxPasskeyName bounds what a passkey is called.
const maxPasskeyName = 100

// PasskeyName trims and judges what a person calls a passkey.
func PasskeyName(name Text) (Text, error) {
	name, bad := rule{name: "name", max: maxPasskeyName, required: true}.clean(name, nil)
	return name, InvalidFields(bad)
}
