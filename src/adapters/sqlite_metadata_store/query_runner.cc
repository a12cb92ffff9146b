#include "adapters/sqlite_metadata_store/query_runner.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "adapters/sqlite_metadata_store/index_database.h"
#include "core/bytes.h"
#include "core/document_fields.h"
#include "core/text_fold.h"

namespace seshat::sqlite_index {
namespace {

void SortUnique(std::vector<int64_t>& ids) {
  std::ranges::sort(ids);
  const auto repeats = std::ranges::unique(ids);
  ids.erase(repeats.begin(), repeats.end());
}

std::vector<int64_t> Intersection(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  std::vector<int64_t> out;
  std::ranges::set_intersection(a, b, std::back_inserter(out));
  return out;
}

// Words hold neither quotes nor operators (text_fold.h), so this is all of FTS5's language that is ever used.
std::string FtsPhrase(std::span<const std::string> words) {
  std::string out = "\"";
  for (const auto& word : words) out += (out.size() > 1 ? " " : "") + word;
  return out + '"';
}

}  // namespace

Result<std::vector<int64_t>> FieldIds(sqlite::Database& db, std::span<const std::string> group) {
  std::vector<int64_t> ids;
  for (const auto& folded : group) {
    SESHAT_ASSIGN(auto find, db.Prepare("SELECT id FROM field WHERE folded = ? AND kind <> ?"));
    find.Bind(folded).Bind(kKeyNameField);
    while (true) {
      SESHAT_ASSIGN(const bool row, find.Step());
      if (!row) break;
      ids.push_back(find.Int(0));
    }
  }
  return ids;
}

Result<SidSet> QueryRunner::Run(const Query& query) {
  if (const auto* node = std::get_if<AllOf>(&query.node)) return RunAll(node->clauses);
  if (const auto* node = std::get_if<AnyOf>(&query.node)) return RunAny(node->clauses);
  if (const auto* node = std::get_if<Not>(&query.node)) {
    SESHAT_ASSIGN(auto found, Run(node->clause[0]));
    return std::move(found).Negated();
  }
  if (const auto* node = std::get_if<Compare>(&query.node)) return RunCompare(*node);
  if (const auto* node = std::get_if<Range>(&query.node)) return RunRange(*node);
  if (const auto* node = std::get_if<Exists>(&query.node)) return RunExists(*node);
  if (const auto* node = std::get_if<Text>(&query.node)) return RunText(*node);
  return SidSet::All();
}

Result<SidSet> QueryRunner::RunAll(const std::vector<Query>& clauses) {
  SidSet found = SidSet::All();
  for (const auto& clause : clauses) {
    SESHAT_ASSIGN(auto next, Run(clause));
    found = And(std::move(found), std::move(next));
    if (!found.is_complement() && found.listed().empty()) break;
  }
  return found;
}

Result<SidSet> QueryRunner::RunAny(const std::vector<Query>& clauses) {
  SidSet found;
  for (const auto& clause : clauses) {
    SESHAT_ASSIGN(auto next, Run(clause));
    found = Or(std::move(found), std::move(next));
  }
  return found;
}

Result<QueryRunner::Ids> QueryRunner::Sids(std::string_view sql, int64_t field_id, std::string_view key) {
  SESHAT_ASSIGN(auto find, db_.Prepare(sql));
  find.Bind(field_id).BindBlob(AsBytes(key));
  Ids sids;
  while (true) {
    SESHAT_ASSIGN(const bool row, find.Step());
    if (!row) return sids;
    sids.push_back(find.Int(0));
  }
}

Status QueryRunner::ScanNumbers(int64_t field_id, const Scan& scan, Ids& sids) {
  SESHAT_ASSIGN(auto find, db_.Prepare("SELECT sid, number, whole, unit FROM number "
                                       "WHERE field_id = ? AND number >= ? AND number <= ?"));
  find.Bind(field_id).Bind(scan.least).Bind(scan.most);
  MetadataValue value;
  while (true) {
    SESHAT_ASSIGN(const bool row, find.Step());
    if (!row) return {};
    value.number = find.Double(1);
    value.integer = find.IsNull(2) ? std::nullopt : std::optional(find.Int(2));
    value.unit = find.Text(3);
    if (scan.test(value)) sids.push_back(find.Int(0));
  }
}

Status QueryRunner::ScanDates(int64_t field_id, const Scan& scan, Ids& sids) {
  SESHAT_ASSIGN(auto find,
                db_.Prepare("SELECT sid, time FROM date WHERE field_id = ? AND time >= ? AND time <= ?"));
  find.Bind(field_id).Bind(scan.first).Bind(scan.last);
  MetadataValue value;
  while (true) {
    SESHAT_ASSIGN(const bool row, find.Step());
    if (!row) return {};
    value.date = Timestamp{std::chrono::nanoseconds{find.Int(1)}};
    if (scan.test(value)) sids.push_back(find.Int(0));
  }
}

Result<SidSet> QueryRunner::RunCompare(const Compare& node) {
  using Doubles = std::numeric_limits<double>;
  using Times = std::numeric_limits<int64_t>;
  SESHAT_ASSIGN(const auto fields, FieldIds(db_, aliases_.Group(node.field)));
  Scan scan{-Doubles::infinity(), Doubles::infinity(), Times::min(), Times::max(),
            [&](const MetadataValue& v) { return SatisfiesTyped(v, node.op, node.value); }};
  const bool below = node.op == CompareOp::kLess || node.op == CompareOp::kLessOrEqual;
  const bool above = node.op == CompareOp::kGreater || node.op == CompareOp::kGreaterOrEqual;
  const auto span = SpanOfDate(node.value);
  // The list is sorted by numbers as written: it narrows down nothing for a literal with a unit.
  const bool plain = node.value.number && node.value.unit.empty();
  if (!below) {
    if (plain) scan.least = *node.value.number;
    if (span) scan.first = span->first.time_since_epoch().count();
  }
  if (!above) {
    if (plain) scan.most = *node.value.number;
    if (span) scan.last = span->last.time_since_epoch().count();
  }
  Ids sids;
  for (const int64_t field : fields) {
    Ids texts;
    if (node.op == CompareOp::kExactly) {
      SESHAT_ASSIGN(texts, Sids("SELECT v.sid FROM term t JOIN value v ON v.term_id = t.id "
                                "WHERE t.field_id = ? AND t.raw_key = ?",
                                field, TextKey(node.value.text)));
    } else if (node.op == CompareOp::kEqual) {
      SESHAT_ASSIGN(texts, Sids("SELECT v.sid FROM term t JOIN value v ON v.term_id = t.id "
                                "WHERE t.field_id = ? AND t.fold_key = ?",
                                field, TextKey(FoldCase(node.value.text))));
    }
    sids.insert(sids.end(), texts.begin(), texts.end());
    if (node.op == CompareOp::kExactly) continue;
    if (node.value.number) SESHAT_TRY(ScanNumbers(field, scan, sids));
    if (span) SESHAT_TRY(ScanDates(field, scan, sids));
  }
  return SidSet::Of(std::move(sids));
}

Result<SidSet> QueryRunner::RunRange(const Range& node) {
  using Doubles = std::numeric_limits<double>;
  using Times = std::numeric_limits<int64_t>;
  SESHAT_ASSIGN(const auto fields, FieldIds(db_, aliases_.Group(node.field)));
  Scan scan{-Doubles::infinity(), Doubles::infinity(), Times::min(), Times::max(),
            [&](const MetadataValue& v) { return IsWithin(v, node.low, node.high); }};
  const auto plain = [](const std::optional<Bound>& bound) {
    return bound && bound->value.number && bound->value.unit.empty();
  };
  if (plain(node.low)) scan.least = *node.low->value.number;
  if (plain(node.high)) scan.most = *node.high->value.number;
  if (const auto span = node.low ? SpanOfDate(node.low->value) : std::nullopt)
    scan.first = span->first.time_since_epoch().count();
  if (const auto span = node.high ? SpanOfDate(node.high->value) : std::nullopt)
    scan.last = span->last.time_since_epoch().count();
  Ids sids;
  for (const int64_t field : fields) {
    SESHAT_TRY(ScanNumbers(field, scan, sids));
    SESHAT_TRY(ScanDates(field, scan, sids));
  }
  return SidSet::Of(std::move(sids));
}

Result<SidSet> QueryRunner::RunExists(const Exists& node) {
  SESHAT_ASSIGN(const auto fields, FieldIds(db_, aliases_.Group(node.field)));
  Ids sids;
  for (const int64_t field : fields) {
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT sid FROM value WHERE field_id = ? ORDER BY sid"));
    find.Bind(field);
    while (true) {
      SESHAT_ASSIGN(const bool row, find.Step());
      if (!row) break;
      if (sids.empty() || sids.back() != find.Int(0)) sids.push_back(find.Int(0));
    }
  }
  return SidSet::Of(std::move(sids));
}

Result<SidSet> QueryRunner::RunText(const Text& node) {
  SESHAT_ASSIGN(const auto matcher, TextMatcher::Make(node));
  Ids fields;
  if (node.field) {
    SESHAT_ASSIGN(fields, FieldIds(db_, aliases_.Group(*node.field)));
  } else {
    SESHAT_ASSIGN(fields, FullTextFields());
  }
  std::ranges::sort(fields);
  SESHAT_ASSIGN(auto terms, CandidateTerms(matcher, fields));
  SortUnique(terms);
  // Two words with others between them: FTS5 cannot say it, so the values of the candidates are looked at.
  const bool look = matcher.match() == TextMatch::kPhrase && matcher.slop() > 0;
  Ids sids;
  for (const int64_t term : terms) {
    {
      SESHAT_ASSIGN(auto about, db_.Prepare(look ? "SELECT field_id, raw FROM term WHERE id = ?"
                                                 : "SELECT field_id FROM term WHERE id = ?"));
      SESHAT_ASSIGN(const bool there, about.Bind(term).Step());
      if (!there || !std::ranges::binary_search(fields, about.Int(0))) continue;
      if (look && !matcher.MatchesValue(about.Text(1))) continue;
    }
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT sid FROM value WHERE term_id = ?"));
    find.Bind(term);
    while (true) {
      SESHAT_ASSIGN(const bool row, find.Step());
      if (!row) break;
      sids.push_back(find.Int(0));
    }
  }
  return SidSet::Of(std::move(sids));
}

Result<QueryRunner::Ids> QueryRunner::FullTextFields() {
  SESHAT_ASSIGN(auto find, db_.Prepare("SELECT id FROM field WHERE full_text = 1"));
  Ids ids;
  while (true) {
    SESHAT_ASSIGN(const bool row, find.Step());
    if (!row) return ids;
    ids.push_back(find.Int(0));
  }
}

Result<QueryRunner::Ids> QueryRunner::CandidateTerms(const TextMatcher& matcher, const Ids& fields) {
  switch (matcher.match()) {
    case TextMatch::kWord:
    case TextMatch::kPhrase:
      return TermsWithWords(matcher);
    case TextMatch::kFuzzy: {
      Ids terms;
      for (size_t i = 0; i < matcher.words().size(); ++i) {
        SESHAT_ASSIGN(auto next, TermsWithMatchingWord(matcher, i));
        terms = i == 0 ? std::move(next) : Intersection(terms, next);
      }
      return terms;
    }
    case TextMatch::kWildcard:
    case TextMatch::kRegex:
      break;
  }
  SESHAT_ASSIGN(auto terms, TermsWithMatchingWord(matcher, 0));
  SESHAT_ASSIGN(const auto whole, TermsThatMatchWhole(matcher, fields));
  terms.insert(terms.end(), whole.begin(), whole.end());
  return terms;
}

Status QueryRunner::AddTermsOf(const std::string& match, Ids& terms) {
  SESHAT_ASSIGN(auto find, db_.Prepare("SELECT rowid FROM term_words WHERE term_words MATCH ?"));
  find.Bind(match);
  while (true) {
    SESHAT_ASSIGN(const bool row, find.Step());
    if (!row) return {};
    terms.push_back(find.Int(0));
  }
}

Result<QueryRunner::Ids> QueryRunner::TermsWithWords(const TextMatcher& matcher) {
  const auto& words = matcher.words();
  Ids terms;
  if (words.empty()) return terms;
  std::string match = FtsPhrase(words);
  if (matcher.slop() > 0) {
    match.clear();
    for (size_t i = 0; i < words.size(); ++i)
      match += (i > 0 ? " AND " : "") + FtsPhrase(std::span(words).subspan(i, 1));
  }
  SESHAT_TRY(AddTermsOf(match, terms));
  return terms;
}

Result<QueryRunner::Ids> QueryRunner::TermsWithMatchingWord(const TextMatcher& matcher, size_t index) {
  std::vector<std::string> words;
  {
    // Every word with the prefix lies between the prefix and the prefix with a byte that UTF-8 never has.
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT term FROM word WHERE term >= ? AND term < ?"));
    find.Bind(matcher.literal_prefix()).Bind(matcher.literal_prefix() + "\xFF");
    while (true) {
      SESHAT_ASSIGN(const bool row, find.Step());
      if (!row) break;
      if (matcher.MatchesWord(find.Text(0), index)) words.emplace_back(find.Text(0));
    }
  }
  Ids terms;
  for (const auto& word : words) SESHAT_TRY(AddTermsOf(FtsPhrase({&word, 1}), terms));
  SortUnique(terms);
  return terms;
}

Result<QueryRunner::Ids> QueryRunner::TermsThatMatchWhole(const TextMatcher& matcher, const Ids& fields) {
  Ids terms;
  for (const int64_t field : fields) {
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT id, raw FROM term WHERE field_id = ?"));
    find.Bind(field);
    while (true) {
      SESHAT_ASSIGN(const bool row, find.Step());
      if (!row) break;
      if (matcher.MatchesWhole(find.Text(1))) terms.push_back(find.Int(0));
    }
  }
  return terms;
}

}  // namespace seshat::sqlite_index
