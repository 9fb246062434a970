package data

// PackAll makes every report of a commit go into a pack, were it alone.
func (d *DB) PackAll() { d.packFrom = 1 }
