#include "support/search_maker.h"

#include <fmt/format.h>

#include <utility>

#include "core/metadata/text_fold.h"

namespace seshat::testing {
namespace {

Query Make(auto node, double boost = 1) { return Query{std::move(node), boost}; }

}  // namespace

std::string SearchMaker::OneOf(std::initializer_list<const char*> choices) {
  return choices.begin()[Below(choices.size())];
}

std::string SearchMaker::HostileText() {
  std::string text;
  const size_t length = 1 + Below(6);
  for (size_t i = 0; i < length; ++i)
    text += OneOf({"a",    "B",   "7",  " ",   "\"", "\\", "(",  ")",   "[", "]", "{",
                   "}",    ":",   "=",  "<",   ">",  "!",  "~",  "^",   "*", "?", "/",
                   "+",    "-",   "&",  "|",   "&&", "||", "\t", "\n",  "é", "Ω", "\xF0\x9F\x9A\x80",
                   "\xFF", "and", "OR", "not", "TO", "~1", "^2", "://", "'", ";", "--",
                   "%",    "_",   "."});
  return text;
}

std::string SearchMaker::Field() {
  if (hostile_ && Chance(2)) return HostileText();
  return OneOf({"rig", "Rig", "temp", "temp C", "duration_s", "notes", "a.b", "séance", "__proto__", "started_at",
                "source", "state", "path", "bytes", "session_id", "outcome", "file_count", "nowhere"});
}

std::string SearchMaker::Word() {
  return OneOf({"px4",   "PX4",   "Zürich", "zurich", "battery", "batery", "fault",    "on", "25",  "5",
                "motor", "rotor", "東京",   "東",     "rig-1",   "rig_2",  "Ångström", "x",  "and", "s3://b/k"});
}

std::string SearchMaker::SomeWords() {
  std::string text = Word();
  for (size_t i = Below(4); i > 0; --i) text += OneOf({" ", "-", ", ", "  "}) + Word();
  return text;
}

std::string SearchMaker::ValueText() {
  if (hostile_ && Chance(2)) return HostileText();
  switch (Below(10)) {
    case 0:
    case 1:
      return std::to_string(static_cast<int>(Below(12)) - 3);
    case 2:
      return OneOf({"25.5", "5.0", "-0.25", "1e3", "9007199254740993", "9007199254740992", "9223372036854775807",
                    "1e300", "007"});
    case 3:
      return OneOf({"25 °C",    "25",    "77 °F",     "298.15 K", "5 mV",   "5 V",      "0.005 V",
                    "5",        "90 s",  "1.5min",    "1m30s",    "90 m",   "9 km",     "10 kHz",
                    "10000 Hz", "10 Hz", "5 widgets", "1 KiB",    "1024 B", "0.005 kB", "5 %"});
    case 4:
      return OneOf({"2026-11-23", "2026-11-23T05:50:00Z", "2026-11-23T05:50", "2026-11-22T23:59:59.999999999Z",
                    "2026-11-23T07:50:00+02:00", "2026-11-24T00:00:00Z", "1999-01-01"});
    case 5:
      return OneOf({"true", "no", "'; DROP TABLE session; --", "%", "\"quoted\"", "a\\b", "*", "px4", "n/a"});
    default:
      return SomeWords();
  }
}

std::string SearchMaker::WithAWord(std::string text) {
  if (metadata::Words(text).empty()) text += "w";
  return text;
}

MetadataValue SearchMaker::Ordered() {
  while (true) {
    auto value = metadata::TypeValue(ValueText());
    if (value.number || value.date) return value;
  }
}

std::string SearchMaker::WildcardPattern() {
  if (hostile_) {
    std::string pattern = "a*";
    for (const char c : HostileText()) {
      if (c == '\\' || c == '*') pattern += '\\';
      pattern += c;
    }
    return pattern;
  }
  return OneOf({"p*", "*or", "?otor", "z*ch", "ri?*", "*2*", "2?.5", "b*y", "*bat*", "25 *", "raw/*", "*\\**", "x?"});
}

Query SearchMaker::AnyText() {
  Text text;
  if (!Chance(3)) text.field = Field();
  switch (Below(6)) {
    case 0:
      text.match = TextMatch::kPhrase;
      text.text = WithAWord(hostile_ ? HostileText() : SomeWords());
      if (Chance(3)) text.distance = static_cast<int>(Below(4));
      break;
    case 1:
      text.match = TextMatch::kWildcard;
      text.text = WildcardPattern();
      break;
    case 2:
      text.match = TextMatch::kFuzzy;
      text.text = WithAWord(hostile_ ? HostileText() : Word());
      text.distance = static_cast<int>(Below(4)) - 1;
      break;
    case 3:
      text.match = TextMatch::kRegex;
      text.text = OneOf({"p.4", "(mo|ro)tor", "[0-9]+", ".*ri.*", "zürich", "raw/.*", "x", "\\d+ .*", "a b"});
      break;
    default:
      text.match = TextMatch::kWord;
      text.text = WithAWord(hostile_ ? HostileText() : Chance(4) ? ValueText() : Word());
  }
  return Make(std::move(text));
}

Query SearchMaker::Leaf() {
  switch (Below(9)) {
    case 0:
      return Make(MatchAll{});
    case 1:
      return Make(Exists{Field()});
    case 2:
      return Make(Compare{Field(), CompareOp::kEqual, metadata::TypeValue(ValueText())});
    case 3:
      return Make(Compare{Field(), CompareOp::kExactly, metadata::TypeValue(ValueText())});
    case 4: {
      static constexpr CompareOp kOps[] = {CompareOp::kLess, CompareOp::kLessOrEqual, CompareOp::kGreater,
                                           CompareOp::kGreaterOrEqual};
      return Make(Compare{Field(), kOps[Below(4)], Ordered()});
    }
    case 5: {
      Range range{Field(), Bound{Ordered(), Chance(2)}, Bound{Ordered(), Chance(2)}};
      if (Chance(3)) {
        range.low.reset();
      } else if (Chance(3)) {
        range.high.reset();
      }
      return Make(std::move(range));
    }
    default:
      return AnyText();
  }
}

Query SearchMaker::AnyQuery(int depth) {
  Query query;
  const size_t kind = depth <= 0 ? 9 : Below(12);
  if (kind < 4) {
    std::vector<Query> clauses;
    for (size_t i = 2 + Below(2); i > 0; --i) clauses.push_back(AnyQuery(depth - 1));
    query = kind < 1 ? Make(AllOf{std::move(clauses)}) : Make(AnyOf{std::move(clauses)});
  } else if (kind == 4) {
    Not negation;
    negation.clause.push_back(AnyQuery(depth - 1));
    query = Make(std::move(negation));
  } else {
    query = Leaf();
  }
  if (Chance(12)) query.boost = Chance(2) ? 2.5 : 1e-7;
  return query;
}

SessionDocument SearchMaker::AnyDocument(const std::string& id, uint32_t revision) {
  SessionDocument d;
  d.session_id = id;
  d.revision = revision;
  d.version = uint64_t{revision} << 32;
  d.source = OneOf({"rig-1", "rig-2", "bench"});
  d.state = Chance(4) ? "partial" : "complete";
  d.metadata_state = "present";
  d.started_at = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}} + std::chrono::hours{Below(4)};
  d.ended_at = d.started_at + std::chrono::minutes{Below(100)};
  d.migrated_at = d.ended_at;
  d.bytes = Below(3) * 5;
  d.file_count = Below(3);
  d.manifest_key = id + "/manifests/000001.json";
  for (size_t i = 0; i < d.file_count; ++i) {
    FileDocument file;
    file.path = fmt::format("raw/{}-{}.bin", Word(), i);
    file.key = id + "/" + file.path;
    if (Chance(2)) file.results.push_back({"statistics", "1", Chance(3) ? "failed" : "succeeded", "k", "", {}});
    d.files.push_back(std::move(file));
  }
  for (size_t i = 2 + Below(12); i > 0; --i) d.metadata.push_back({Field(), metadata::TypeValue(ValueText())});
  return d;
}

}  // namespace seshat::testing
