package names

import "math/bits"

// Reasons is a set of what speaks for and against two records being of one human.
type Reasons uint16

const (
	// SameName: every word of the shorter name is in the other one, as it
	// is or in another spelling.
	SameName Reasons = 1 << iota
	// LikeName: so, but for what may be errors of typing.
	LikeName
	// NameOrder: the words stand in another order.
	NameOrder
	// NameParts: one name has words that the other lacks, or initials.
	NameParts
	// ConflictingName: each name has a word that the other hasn't.
	ConflictingName
	SameBirthDate
	// BirthDateTransposed: day and month swapped.
	BirthDateTransposed
	// BirthDateNear: one digit differs.
	BirthDateNear
	ConflictingBirthDate
	SamePhone
	SameParty
	SameTour
	SamePlace
	ConflictingSex
)

var reasonWords = [...]string{
	"name", "name_like", "name_order", "name_parts", "conflicting_name",
	"birth_date", "birth_date_transposed", "birth_date_near", "conflicting_birth_date",
	"phone", "party", "tour", "place", "conflicting_sex",
}

// Words lists the reasons as lower-case words, in the order of the constants.
func (r Reasons) Words() []string {
	words := make([]string, 0, bits.OnesCount16(uint16(r)))
	for i, w := range reasonWords {
		if r&(1<<i) != 0 {
			words = append(words, w)
		}
	}
	return words
}
