// How names and values become terms of the index, and limits of Lucene that this rests on. One place for the writer of
// documents and for the compiler of queries. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seshat::opensearch {

// Lucene refuses terms above 32,766 bytes (IndexWriter.MAX_TERM_LENGTH).
inline constexpr size_t kMaxTermBytes = 32'000;
// Between the values of a field that holds several: no phrase with less slop reaches from one into the next.
inline constexpr int kValueGap = 1024;
// What stands for a text that is too long to be a term starts so; texts that start so themselves are hashed as well,
// so that nothing can be taken for something else.
inline constexpr char kHashMark = '\x01';

// The text itself, or its hash where it is too long.
std::string TextTerm(std::string_view text);
inline bool IsHashed(std::string_view term) { return !term.empty() && term.front() == kHashMark; }

// "key=value" for cheap equality; both are folded. A '=' or '\' in the key is written behind a '\'.
std::string PairTerm(std::string_view folded_key, std::string_view folded_value);

// What a folded text is sorted by: its first SortKey::kMaxTextBytes bytes. A character that is cut in two is completed
// with the least bytes that make it valid, which keeps the order of bytes.
std::string SortTerm(std::string_view folded);

}  // namespace seshat::opensearch
