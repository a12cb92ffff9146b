#include "adapters/opensearch/index_format.h"

#include <boost/json.hpp>

#include "adapters/opensearch/index_terms.h"
#include "ports/search_request.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

bj::object Keyword() { return {{"type", "keyword"}}; }
// Found, but neither sorted by nor counted.
bj::object LookUp() { return {{"type", "keyword"}, {"doc_values", false}}; }
bj::object Type(std::string_view type) { return {{"type", bj::string_view(type.data(), type.size())}}; }
bj::object Date() { return {{"type", "date"}, {"format", "epoch_millis"}}; }
// Words come folded, with one blank between them: the engine has no opinion on what a word is.
bj::object WordList() {
  return {{"type", "text"}, {"analyzer", "seshat_words"}, {"position_increment_gap", kValueGap}};
}

// One value of one field.
bj::object Value() {
  return {{"k", Keyword()},        // the field, folded
          {"w", Keyword()},        // the field as written
          {"m", Type("boolean")},  // true for metadata
          {"a", Type("boolean")},  // true where texts without a field look at it
          {"x", Keyword()},        // the text as written
          {"s", Keyword()},        // the text folded, its beginning: sorting, dashboards
          {"f", LookUp()},         // the whole text without accents, where that is not `s`
          {"t", WordList()},       // its words
          {"n", Type("double")},   // a number as written
          {"i", Type("long")},    {"u", Keyword()},
          {"q", Keyword()},  // its readings (core/metadata/units.h): family and canonical number
          {"c", Type("double")},  {"q2", Keyword()},
          {"c2", Type("double")}, {"d", Date()},  // for dashboards, to the millisecond
          {"e", Type("long")},                    // nanoseconds of the date
          {"b", Type("boolean")}};
}

bj::object Properties() {
  return {{"session_id", Keyword()},
          {"source", Keyword()},
          {"state", Keyword()},
          {"metadata_state", Keyword()},
          {"started_at", Date()},
          {"ended_at", Date()},
          {"migrated_at", Date()},
          {"indexed_at", Date()},
          {"started_ns", Type("long")},
          {"bytes", Type("long")},
          {"file_count", Type("long")},
          {"generation", Type("long")},
          {"keys", Keyword()},    // every field that the session has, folded
          {"names", LookUp()},    // every metadata key, without accents
          {"written", LookUp()},  // every metadata key as written
          {"kv", LookUp()},       // key=value, folded
          {"long", Keyword()},    // fields with a value that is too long to be a term
          {"all", WordList()},    // words of everything that texts without a field look at
          {"meta", {{"type", "nested"}, {"properties", Value()}}},
          // The session document itself, in pieces; only kept.
          {"doc", {{"type", "keyword"}, {"index", false}, {"doc_values", false}}}};
}

bj::object Settings() {
  return {
      {"number_of_shards", 1},  // counts of facets are exact on one shard only
      {"auto_expand_replicas", "0-1"},
      // Every upsert makes itself visible, whole: nothing else may show half of one.
      {"refresh_interval", "-1"},
      {"max_result_window", kMaxSearchLimit + 1},
      // Metadata of at most 10,000 entries (metadata_text.h), paths and the fixed fields.
      {"mapping.nested_objects.limit", 20'000},
      {"mapping.total_fields.limit", 100},
      {"analysis",
       {{"analyzer", {{"seshat_words", {{"type", "custom"}, {"tokenizer", "seshat_blanks"}}}}},
        {"tokenizer",
         {{"seshat_blanks", {{"type", "char_group"}, {"tokenize_on_chars", {" "}}, {"max_token_length", 1024}}}}}}}};
}

}  // namespace

std::string IndexTemplate(std::string_view alias) {
  const std::string pattern = std::string(alias) + "-*";
  const bj::object mapping{
      {"dynamic", "strict"}, {"_meta", {{"seshat_format", kIndexFormat}}}, {"properties", Properties()}};
  const bj::object body{{"index_patterns", {pattern}},
                        {"priority", 500},
                        {"template", {{"settings", {{"index", Settings()}}}, {"mappings", mapping}}}};
  return bj::serialize(body);
}

}  // namespace seshat::opensearch
