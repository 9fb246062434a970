package data

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"aman/geo/tracker"
)

// personKey is what seals one person's rows.
type personKey struct {
	crisis tracker.ID
	key    [32]byte
}

func newPersonKey(crisis tracker.ID) personKey {
	k := personKey{crisis: crisis}
	rand.Read(k.key[:])
	return k
}

// aead returns the cipher of the key. Nonces are random: a person has far
// fewer rows than the 2^32 at which that becomes unsafe.
func (k *personKey) aead() cipher.AEAD {
	block, err := aes.NewCipher(k.key[:])
	if err != nil {
		panic(err) // impossible: the length is right
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // impossible: AES has the block size of GCM
	}
	return a
}

// rowAAD ties a blob to its table and row.
func rowAAD(table string, id tracker.ID, n uint64) []byte {
	b := make([]byte, 0, len(table)+1+16+8)
	b = append(b, table...)
	b = append(b, '|')
	b = append(b, id[:]...)
	return binary.BigEndian.AppendUint64(b, n)
}

func keyAAD(person tracker.ID) []byte { return rowAAD("person_keys", person, 0) }

func (v *vault) wrap(person tracker.ID, k personKey) ([]byte, error) {
	return v.seal(k.key[:], keyAAD(person))
}

func (v *vault) unwrap(person, crisis tracker.ID, wrapped []byte) (personKey, error) {
	b, err := v.open(wrapped, keyAAD(person))
	if err != nil {
		return personKey{}, fmt.Errorf("key of person %s: %w", person, err)
	}
	if len(b) != 32 {
		return personKey{}, errors.New("key of a person has a wrong length")
	}
	k := personKey{crisis: crisis}
	copy(k.key[:], b)
	return k, nil
}

// opener unseals rows one after the other; where several in a row are one
// person's, the key is unwrapped once. One goroutine has it.
type opener struct {
	v      *vault
	person tracker.ID
	aead   cipher.AEAD
	buf    []byte
}

// open returns the plain text, which is good until the next call.
func (o *opener) open(table string, person tracker.ID, wrapped []byte, id tracker.ID, n uint64, sealed []byte) ([]byte, error) {
	if o.aead == nil || o.person != person {
		k, err := o.v.unwrap(person, tracker.ID{}, wrapped)
		if err != nil {
			return nil, err
		}
		o.person, o.aead = person, k.aead()
	}
	b, err := o.aead.Open(o.buf[:0], nil, sealed, rowAAD(table, id, n))
	if err != nil {
		return nil, fmt.Errorf("unseal %s %s: %w", table, id, errBlob)
	}
	o.buf = b
	return b, nil
}

// keyCache keeps unwrapped keys of people lately written about. Its keys have two
// halves: when the young one is full, the old one is dropped.
type keyCache struct {
	// mu guards what is below.
	mu         sync.Mutex
	young, old map[tracker.ID]personKey
	// gone are people who were erased: a look-up that began before must not bring
	// their key back.
	gone map[tracker.ID]bool
}

// keyCacheHalf bounds each half. A flood is reports of many people, each again and
// again: a person takes about 100 bytes here, and a query of the database elsewhere.
const keyCacheHalf = 1 << 18

func (c *keyCache) get(person tracker.ID) (personKey, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.young[person]; ok {
		return k, true
	}
	k, ok := c.old[person]
	if ok {
		c.add(person, k)
	}
	return k, ok
}

// getAll adds the keys that are kept to found, and lists whom it has none of.
func (c *keyCache) getAll(people []tracker.ID, found map[tracker.ID]personKey) (missing []tracker.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, person := range people {
		k, ok := c.young[person]
		if !ok {
			if k, ok = c.old[person]; ok {
				c.add(person, k)
			}
		}
		if ok {
			found[person] = k
		} else {
			missing = append(missing, person)
		}
	}
	return missing
}

func (c *keyCache) put(person tracker.ID, k personKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(person, k)
}

func (c *keyCache) add(person tracker.ID, k personKey) {
	if c.gone[person] {
		return
	}
	if len(c.young) >= keyCacheHalf {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = map[tracker.ID]personKey{}
	}
	c.young[person] = k
}

func (c *keyCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old, c.gone = nil, nil, nil
}

// forget drops a person's key for good.
func (c *keyCache) forget(person tracker.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, person)
	delete(c.old, person)
	if c.gone == nil {
		c.gone = map[tracker.ID]bool{}
	}
	c.gone[person] = true
}
