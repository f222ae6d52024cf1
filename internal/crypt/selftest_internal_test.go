package crypt

import (
	"strings"
	"testing"
)

func TestSelfTestPasses(t *testing.T) {
	t.Parallel()
	if err := SelfTest(); err != nil {
		t.Fatal(err)
	}
}

// A self-test that cannot fail proves nothing: every changed digit of the
// known answer must be noticed.
func TestSelfTestFailsOnAnotherAnswer(t *testing.T) {
	t.Parallel()
	wrong := []string{"", strings.ToUpper(selfTestAnswer) + "0"}
	for i := range selfTestAnswer {
		digit := "0"
		if selfTestAnswer[i] == '0' {
			digit = "1"
		}
		wrong = append(wrong, selfTestAnswer[:i]+digit+selfTestAnswer[i+1:])
	}
	for _, answer := range wrong {
		if err := selfTest(answer); err == nil {
			t.Errorf("%q passed", answer)
		}
	}
}
