#include "adapters/opensearch/document_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "adapters/opensearch/index_terms.h"
#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"
#include "core/metadata/units.h"
#include "core/query/document_fields.h"

namespace seshat::opensearch {
namespace {

// Jackson, OpenSearch's JSON reader, refuses strings above 50 MB.
constexpr size_t kMaxPieceBytes = size_t{8} << 20;
// Past so many files, paths share nested documents: a session of 100,000 files stays one that Lucene likes.
constexpr size_t kMaxPathsAlone = 2'000;
constexpr size_t kPathsTogether = 1'000;

// One JSON object, field by field.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  ~Object() { out_ += '}'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  void Text(std::string_view name, std::string_view value) {
    Name(name);
    AppendJsonString(out_, value);
  }
  void Integer(std::string_view name, std::integral auto value) {
    Name(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void Number(std::string_view name, double value) {
    Name(name);
    char buffer[32];
    out_.append(buffer, std::to_chars(std::begin(buffer), std::end(buffer), value).ptr);
  }
  void Boolean(std::string_view name, bool value) {
    Name(name);
    out_ += value ? "true" : "false";
  }
  void Millis(std::string_view name, Timestamp time) {
    Integer(name, std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
  }
  // Calls `item` with `out` standing where it is to be written.
  void Array(std::string_view name, const auto& items, const auto& item) {
    Name(name);
    out_ += '[';
    bool first = true;
    for (const auto& each : items) {
      if (!std::exchange(first, false)) out_ += ',';
      item(each);
    }
    out_ += ']';
  }
  void Texts(std::string_view name, const auto& texts) {
    Array(name, texts, [&](std::string_view text) { AppendJsonString(out_, text); });
  }

 private:
  void Name(std::string_view name) {
    if (!std::exchange(first_, false)) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  std::string& out_;
  bool first_ = true;
};

// Java has no unsigned numbers; these are for dashboards.
int64_t Long(uint64_t value) {
  return static_cast<int64_t>(std::min(value, uint64_t{std::numeric_limits<int64_t>::max()}));
}

std::string WordsOf(std::string_view text) {
  std::string joined;
  for (const auto& word : metadata::Words(text)) {
    if (!joined.empty()) joined += ' ';
    joined += word;
  }
  return joined;
}

// A text in the forms in which it is looked for.
struct Forms {
  explicit Forms(std::string_view text)
      : exact(TextTerm(text)), folded(metadata::FoldCase(text)), sorted(SortTerm(folded)), words(WordsOf(text)) {
    auto without = metadata::FoldAccents(text);
    if (without != sorted) plain = TextTerm(without);
  }
  // Whether a pattern matches the whole text is nothing that the index can tell.
  bool is_long() const { return IsHashed(exact) || (plain && IsHashed(*plain)); }

  std::string exact;
  std::string folded;
  std::string sorted;
  std::string words;
  std::optional<std::string> plain;  // without accents, where that is not `sorted`
};

class Writer {
 public:
  Writer(const SessionDocument& document, Timestamp indexed_at)
      : document_(document), indexed_at_(indexed_at), values_(query::FieldValues(document)) {}

  std::string Write() {
    CollectPaths();
    // First the nested documents: they collect what the root has of them.
    std::string nested;
    for (const auto& value : values_)
      if (IsAlone(value)) AddValue(nested, value);
    if (paths_.size() > kMaxPathsAlone) AddPaths(nested);

    std::string out;
    const auto encoded = query::EncodeSessionDocument(document_);
    out.reserve(1024 + encoded.size() * 5 / 4 + nested.size() + all_bytes_ * 2);
    WriteRoot(out, encoded, nested);
    return out;
  }

 private:
  void CollectPaths() {
    for (const auto& file : document_.files) paths_.insert(file.path);
  }

  bool IsAlone(const FieldValue& value) const {
    return value.kind != FieldKind::kFixed || value.field != "path" || paths_.size() <= kMaxPathsAlone;
  }

  void NotePair(const std::string& folded_field, const Forms& forms) {
    keys_.insert(TextTerm(folded_field));
    pairs_.insert(PairTerm(folded_field, forms.folded));
    if (forms.is_long()) long_.insert(TextTerm(folded_field));
  }

  void NoteWords(std::string words) {
    if (words.empty()) return;
    all_bytes_ += words.size() + 3;
    all_.insert(std::move(words));
  }

  void AddValue(std::string& out, const FieldValue& value) {
    if (value.kind == FieldKind::kKeyName) {
      names_.insert(TextTerm(metadata::FoldAccents(value.value.text)));
      written_.insert(TextTerm(value.value.text));
      NoteWords(WordsOf(value.value.text));
      return;
    }
    if (!seen_.emplace(value.kind, value.field, value.value.text).second) return;
    const Forms forms(value.value.text);
    const auto folded_field = metadata::FoldField(value.field);
    NotePair(folded_field, forms);
    const bool full_text = query::IsFullText(value.kind, value.field);
    if (full_text) NoteWords(forms.words);

    if (!out.empty()) out += ',';
    Object object(out);
    object.Text("k", TextTerm(folded_field));
    object.Text("w", TextTerm(value.field));
    if (value.kind == FieldKind::kMetadata) object.Boolean("m", true);
    if (full_text) object.Boolean("a", true);
    object.Text("x", forms.exact);
    object.Text("s", forms.sorted);
    if (forms.plain) object.Text("f", *forms.plain);
    if (!forms.words.empty()) object.Text("t", forms.words);
    AddTypes(object, value.value);
  }

  static void AddTypes(Object& object, const MetadataValue& value) {
    if (value.number) {
      object.Number("n", *value.number);
      object.Text("u", value.unit);
      const auto readings = metadata::ReadingsOf(value);
      object.Text("q", readings[0].family);
      object.Number("c", readings[0].canonical);
      // There are units with two meanings, and none with more.
      if (readings.size() > 1) {
        object.Text("q2", readings[1].family);
        object.Number("c2", readings[1].canonical);
      }
    }
    if (value.integer) object.Integer("i", *value.integer);
    if (value.date) {
      object.Millis("d", *value.date);
      object.Integer("e", value.date->time_since_epoch().count());
    }
    if (value.boolean) object.Boolean("b", *value.boolean);
  }

  // Many paths to one nested document, with `f` for each, so that `s` is not looked at.
  void AddPaths(std::string& out) {
    const std::vector<std::string_view> paths(paths_.begin(), paths_.end());
    for (size_t at = 0; at < paths.size(); at += kPathsTogether) {
      const auto some = std::span(paths).subspan(at, std::min(kPathsTogether, paths.size() - at));
      std::vector<std::string> exact, sorted, plain, words;
      for (const auto path : some) {
        const Forms forms(path);
        NotePair("path", forms);
        NoteWords(forms.words);
        exact.push_back(forms.exact);
        plain.push_back(forms.plain.value_or(forms.sorted));
        sorted.push_back(forms.sorted);
        if (!forms.words.empty()) words.push_back(forms.words);
      }
      if (!out.empty()) out += ',';
      Object object(out);
      object.Text("k", "path");
      object.Text("w", "path");
      object.Boolean("a", true);
      object.Texts("x", exact);
      object.Texts("s", sorted);
      object.Texts("f", plain);
      object.Texts("t", words);
    }
  }

  void WriteRoot(std::string& out, std::string_view encoded, std::string_view nested) const {
    Object object(out);
    object.Text("session_id", document_.session_id);
    object.Text("source", document_.source);
    object.Text("state", document_.state);
    object.Text("metadata_state", document_.metadata_state);
    object.Millis("started_at", document_.started_at);
    object.Millis("ended_at", document_.ended_at);
    object.Millis("migrated_at", document_.migrated_at);
    object.Millis("indexed_at", indexed_at_);
    object.Integer("started_ns", document_.started_at.time_since_epoch().count());
    object.Integer("bytes", Long(document_.bytes));
    object.Integer("file_count", Long(document_.file_count));
    object.Integer("generation", Long(document_.version));
    object.Texts("keys", keys_);
    object.Texts("names", names_);
    object.Texts("written", written_);
    object.Texts("kv", pairs_);
    object.Texts("long", long_);
    object.Texts("all", all_);
    object.Texts("doc", Pieces(encoded));
    object.Array("meta", std::span(&nested, 1), [&](std::string_view inner) { out += inner; });
  }

  static std::vector<std::string_view> Pieces(std::string_view text) {
    std::vector<std::string_view> pieces;
    while (text.size() > kMaxPieceBytes) {
      size_t cut = kMaxPieceBytes;
      while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
      pieces.push_back(text.substr(0, cut));
      text.remove_prefix(cut);
    }
    pieces.push_back(text);
    return pieces;
  }

  const SessionDocument& document_;
  Timestamp indexed_at_;
  std::vector<FieldValue> values_;
  std::set<std::string_view> paths_;
  std::set<std::tuple<FieldKind, std::string_view, std::string_view>> seen_;
  std::set<std::string> keys_, names_, written_, pairs_, long_, all_;
  size_t all_bytes_ = 0;
};

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  if (!IsValidUtf8(text)) {
    AppendJsonString(out, ReplaceInvalidUtf8(text));
    return;
  }
  out += '"';
  size_t done = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out += text.substr(done, i - done);
    done = i + 1;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    }
  }
  out += text.substr(done);
  out += '"';
}

std::string WriteDocument(const SessionDocument& document, Timestamp indexed_at) {
  return Writer(document, indexed_at).Write();
}

}  // namespace seshat::opensearch
