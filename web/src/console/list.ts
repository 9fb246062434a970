import { type Key, t } from '../i18n/words.svelte'

/** What the server may say of a list, a row or a cell, and people read in their language. */
const CODES = new Set([
  'already_held',
  'bad_checksum',
  'bad_coordinate',
  'bad_date',
  'body_too_large',
  'broken_file',
  'cell_error',
  'control_character',
  'cyrillic_letter',
  'differs_from_iin',
  'digits_lost',
  'doctype',
  'empty_body',
  'empty_list',
  'external_links',
  'in_the_future',
  'macros',
  'nobody',
  'not_a_list',
  'not_a_name',
  'not_a_phone',
  'not_an_address',
  'not_left',
  'not_there_yet',
  'nothing_to_take',
  'number_twice',
  'old_format',
  'out_of_range',
  'too_large',
  'too_long',
  'too_many_columns',
  'too_many_rows',
  'unknown_airport',
  'unknown_city',
  'unknown_country',
  'unknown_status',
  'unknown_word',
  'wrong_checksum',
  'wrong_form',
])

/** A fault by its stable code; one that isn't known yet in the server's own words. */
export const listProblem = (code: string, detail: string): string =>
  CODES.has(code) ? t(`console.lists.problem.${code}` as Key) : detail || code
