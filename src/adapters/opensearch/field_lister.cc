#include "adapters/opensearch/field_lister.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "adapters/opensearch/aggregations.h"
#include "adapters/opensearch/document_writer.h"
#include "adapters/opensearch/index_terms.h"
#include "adapters/opensearch/query_compiler.h"
#include "core/metadata/text_fold.h"
#include "core/query/document_fields.h"
#include "core/records/json_fields.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

// OpenSearch makes at most 65,535 buckets for one answer (search.max_buckets): keys come in portions of this many.
constexpr size_t kMaxBuckets = 50'000;

class Lister {
 public:
  Lister(Searcher& searcher, const FieldsOptions& options) : searcher_(searcher), options_(options) {
    for (const auto& name : options.names) wanted_.push_back(metadata::FoldField(name));
    // A key has a name, units and values.
    portion_ = std::clamp<size_t>(kMaxBuckets / (2 + metadata::kMaxFieldUnits + options.top_values), 1, 1000);
  }

  Result<std::vector<FieldInfo>> Go() {
    std::string after;
    do {
      SESHAT_ASSIGN(const auto answer, searcher_.Ask(Body(after)));
      SESHAT_ASSIGN(const auto value, json::Parse(answer, "OpenSearch's answer about fields"));
      const auto& total = Inside(value, {"hits", "total", "value"});
      total_ = total.is_number() ? total.to_number<double>() : 0;
      const auto& keys = Inside(value, {"aggregations", "values", "of", "keys"});
      SESHAT_TRY(ReadKeys(keys));
      const auto& next = Inside(keys, {"after_key"});
      after = next.is_object() ? bj::serialize(next) : std::string();
    } while (!after.empty());
    std::ranges::sort(fields_, {}, &FieldInfo::name);
    return std::move(fields_);
  }

 private:
  std::string Body(const std::string& after) const {
    return fmt::format(
        R"({{"size":0,"track_total_hits":true,"aggs":{{"values":{{"nested":{{"path":"meta"}},"aggs":{{"of":{{)"
        R"("filter":{},"aggs":{{"keys":{{"composite":{{"size":{},"sources":[{{"k":{{"terms":{{"field":"meta.k"}}}}}}]{}}},)"
        R"("aggs":{{{}}}}}}}}}}}}}}}}})",
        wanted_.empty() ? R"({"term":{"meta.m":true}})" : FieldFilter(wanted_), portion_,
        after.empty() ? "" : R"(,"after":)" + after, OfOneKey());
  }

  std::string OfOneKey() const {
    const auto with = [](std::string_view name, std::string_view filter, std::string_view more) {
      return fmt::format(R"(,"{}":{{"filter":{},"aggs":{{{}{}}}}})", name, filter, kSessions, more);
    };
    const auto exists = [](std::string_view field) {
      return fmt::format(R"({{"exists":{{"field":"meta.{}"}}}})", field);
    };
    std::string out(kSessions);
    out += R"(,"names":)" + CountedTerms("meta.w", 1);
    out += with("numbers", exists("n"), R"(,"units":)" + CountedTerms("meta.u", metadata::kMaxFieldUnits));
    out += with("dates", exists("e"), "");
    out += with("booleans", exists("b"), "");
    out += with("texts", fmt::format(R"({{"bool":{{"must_not":[{},{},{}]}}}})", exists("n"), exists("e"), exists("b")),
                "");
    if (options_.top_values == 0) return out;
    std::string prefix;
    AppendJsonString(prefix, SortTerm(metadata::FoldCase(options_.value_prefix)));
    const auto filter = options_.value_prefix.empty() ? std::string(R"({"match_all":{}})")
                                                      : fmt::format(R"({{"prefix":{{"meta.s":{}}}}})", prefix);
    out += with("top", filter, R"(,"values":)" + CountedTerms("meta.x", options_.top_values));
    return out;
  }

  Status ReadKeys(const bj::value& keys) {
    const auto& buckets = Inside(keys, {"buckets"});
    // No "keys" at all: nothing is indexed, not even nested documents.
    if (!buckets.is_array()) return {};
    for (const auto& bucket : buckets.as_array()) {
      FieldInfo field;
      const auto names = ReadCountedTerms(Inside(bucket, {"names"}));
      if (names.empty()) return Fail(ErrorCode::kInternal, "OpenSearch's answer has a field without a name");
      field.name = names[0].value;
      field.sessions = ReadSessions(bucket);
      field.coverage = static_cast<double>(field.sessions) / total_;
      field.numbers = ReadSessions(Inside(bucket, {"numbers"}));
      field.dates = ReadSessions(Inside(bucket, {"dates"}));
      field.booleans = ReadSessions(Inside(bucket, {"booleans"}));
      field.texts = ReadSessions(Inside(bucket, {"texts"}));
      field.units = ReadCountedTerms(Inside(bucket, {"numbers", "units"}));
      field.top_values = ReadCountedTerms(Inside(bucket, {"top", "values"}));
      const auto& key = Inside(bucket, {"key", "k"});
      for (auto& value : field.top_values) {
        if (!IsHashed(value.value)) continue;
        SESHAT_ASSIGN(value.value, searcher_.LongText({std::string(key.as_string())}, value.value));
      }
      fields_.push_back(std::move(field));
    }
    return {};
  }

  Searcher& searcher_;
  const FieldsOptions& options_;
  std::vector<std::string> wanted_;
  size_t portion_;
  double total_ = 0;
  std::vector<FieldInfo> fields_;
};

}  // namespace

Result<std::vector<FieldInfo>> ListFields(Searcher& searcher, const FieldsOptions& options) {
  return Lister(searcher, options).Go();
}

}  // namespace seshat::opensearch
