package data

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// vault holds the keys that live outside the database.
type vault struct {
	// master wraps the people's keys and seals what belongs to nobody.
	master tink.AEAD
	// index keys the digests of identifiers, chain the audit's. They don't
	// change when the master key is rotated.
	index, chain []byte
}

// keyFile is the form of the key file.
type keyFile struct {
	Format int             `json:"format"`
	Master json.RawMessage `json:"master"` // a Tink AEAD keyset
	Root   []byte          `json:"root"`   // 32 random bytes, from which the digests' keys come
}

// openVault reads the key file, or makes one when it is missing and create says
// that no data depends on an older one.
func openVault(path string, create bool) (*vault, error) {
	if path == "" {
		return nil, errors.New("no key file is named")
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf("key file %q is missing: without it nothing in this database can be read", path)
		}
		if b, err = newKeyFile(); err == nil {
			err = writeKeyFile(path, b)
		}
		if errors.Is(err, fs.ErrExist) { // another process was first
			b, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}
	return parseVault(b)
}

func newKeyFile() ([]byte, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	var ks bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&ks)); err != nil {
		return nil, err
	}
	f := keyFile{Format: 1, Master: ks.Bytes(), Root: make([]byte, 32)}
	rand.Read(f.Root)
	return json.MarshalIndent(f, "", "  ")
}

// writeKeyFile makes the file whole or not at all: a half-written key that data
// was sealed under would be a loss of everything.
func writeKeyFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err := errors.Join(err, f.Chmod(0o400), f.Sync(), f.Close()); err != nil {
		return err
	}
	// Link, unlike Rename, doesn't replace what another process put there.
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func parseVault(b []byte) (*vault, error) {
	var f keyFile
	if err := json.Unmarshal(b, &f); err != nil || f.Format != 1 || len(f.Root) != 32 {
		return nil, errors.New("key file is damaged or of an unknown format")
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Master)))
	if err != nil {
		return nil, errors.New("key file holds no readable keyset") // the error might quote the key
	}
	v := &vault{}
	if v.master, err = aead.New(h); err != nil {
		return nil, fmt.Errorf("use master key: %w", err)
	}
	if v.index, err = hkdf.Key(sha256.New, f.Root, nil, "aman identifiers", 32); err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	if v.chain, err = hkdf.Key(sha256.New, f.Root, nil, "aman audit", 32); err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return v, nil
}

func (v *vault) seal(plain, aad []byte) ([]byte, error) {
	b, err := v.master.Encrypt(plain, aad)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return b, nil
}

func (v *vault) open(sealed, aad []byte) ([]byte, error) {
	b, err := v.master.Decrypt(sealed, aad)
	if err != nil {
		return nil, errors.New("unseal: not sealed by this key for this row")
	}
	return b, nil
}

// digest is a keyed hash of parts for a look-up: 16 bytes, enough that no two
// of a billion values meet, and useless without the key.
func (v *vault) digest(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, v.index)
	for _, s := range append([]string{purpose}, parts...) {
		h.Write(lengthPrefixed(nil, s))
	}
	return h.Sum(nil)[:16]
}
