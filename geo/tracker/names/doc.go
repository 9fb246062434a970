// Package names tells who may be who: it finds Шыңғыс by Chingiz, Shyngys or
// Shingis, and Үсенов by Ussenov, in the search box and among a million people.
//
// Three forms of a name, each coarser than the one before:
//
//   - Fold: lower case, Latin, without marks; usual spellings of one name meet
//     or come near each other (Үсенов, Ussenov → usenov; Chingiz → siniz).
//   - The sound of a word: its consonants by kind and whether a vowel begins it;
//     nearly all spellings of one name share it (Шыңғыс, Chingiz → SNS).
//   - The keys of a person: sounds in pairs, parts of them, and other hints,
//     by which an Index finds candidates even with one typing error.
//
// Score compares two people by everything known. It only ever suggests; what may
// be joined without asking anybody is SameHuman's to say, by documents.
//
// The package knows no people of ours, keeps no personal data beyond what it is
// given, and logs nothing. How well it does is in PAIRS.md.
package names
