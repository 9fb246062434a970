package intake

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// Oracle: the library, which the short way must not contradict.
func TestHomePhonesAreReadAsTheLibraryReadsThem(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 20_000 {
		s := fmt.Sprintf("+7%010d", r.Int64N(10_000_000_000))
		if i < 1000 { // area by area
			s = fmt.Sprintf("+7%03d%07d", i, r.Int64N(10_000_000))
		}
		n, err := phonenumbers.Parse(s, home)
		if err != nil || !phonenumbers.IsPossibleNumber(n) || phonenumbers.Format(n, phonenumbers.E164) != s {
			t.Fatalf("the library reads %s as %v, %v", s, n, err)
		}
		if got, err := Phone(s); err != nil || got != s {
			t.Fatalf("Phone(%s) = %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"+7701234567", "+770123456789", "+7 701 234 56 78", "+7701234567a"} {
		if isHome(s) {
			t.Errorf("%q is taken the short way", s)
		}
	}
}
