#include "adapters/sqlite_metadata_store/document_codec.h"

#include <algorithm>
#include <vector>

#include "platform/search_segment/byte_io.h"

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::ByteReader;
using search_segment::ByteWriter;

constexpr uint8_t kFormat = 1;

constexpr uint8_t kNumber = 1;
constexpr uint8_t kInteger = 2;
constexpr uint8_t kUnit = 4;
constexpr uint8_t kDate = 8;
constexpr uint8_t kBoolean = 16;
constexpr uint8_t kTrue = 32;

int64_t Count(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp Time(int64_t count) { return Timestamp{std::chrono::nanoseconds{count}}; }

class Packer {
 public:
  explicit Packer(std::string& out) : writer_(out) {}

  void Document(const SessionDocument& d) {
    writer_.Put(kFormat);
    Texts({&d.session_id, &d.source, &d.state, &d.metadata_state, &d.manifest_key, &d.traceparent});
    writer_.Put(d.version);
    writer_.Put(d.revision);
    for (const auto time : {d.started_at, d.ended_at, d.migrated_at}) writer_.Put(Count(time));
    writer_.Varint(d.bytes);
    writer_.Varint(d.file_count);
    Each(d.metadata_problems, [&](const std::string& problem) { writer_.Text(problem); });
    Each(d.metadata, [&](const MetadataEntry& entry) { Entry(entry); });
    Each(d.files, [&](const FileDocument& file) { File(file); });
  }

 private:
  void Texts(std::initializer_list<const std::string*> texts) {
    for (const auto* text : texts) writer_.Text(*text);
  }
  template <typename T>
  void Each(const std::vector<T>& items, const auto& put) {
    writer_.Varint(items.size());
    for (const auto& item : items) put(item);
  }
  void Entry(const MetadataEntry& entry) {
    const auto& value = entry.value;
    writer_.Text(entry.key);
    writer_.Text(value.text);
    writer_.Put(static_cast<uint8_t>((value.number ? kNumber : 0) | (value.integer ? kInteger : 0) |
                                     (value.unit.empty() ? 0 : kUnit) | (value.date ? kDate : 0) |
                                     (value.boolean ? kBoolean : 0) | (value.boolean.value_or(false) ? kTrue : 0)));
    if (value.number) writer_.Put(*value.number);
    if (value.integer) writer_.Put(*value.integer);
    if (!value.unit.empty()) writer_.Text(value.unit);
    if (value.date) writer_.Put(Count(*value.date));
  }
  void File(const FileDocument& file) {
    Texts({&file.path, &file.key});
    writer_.Varint(file.size);
    writer_.Put(file.sha256.bytes);
    Each(file.results, [&](const ResultDocument& result) {
      Texts({&result.processor, &result.version, &result.outcome, &result.record_key, &result.reason});
      Each(result.outputs, [&](const ResultDocument::Output& output) {
        Texts({&output.name, &output.key});
        writer_.Varint(output.size);
      });
    });
  }

  ByteWriter writer_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : reader_(bytes), size_(bytes.size()) {}

  bool Document(SessionDocument& d) {
    if (reader_.Get<uint8_t>() != kFormat) return false;
    Texts({&d.session_id, &d.source, &d.state, &d.metadata_state, &d.manifest_key, &d.traceparent});
    d.version = reader_.Get<uint64_t>();
    d.revision = reader_.Get<uint32_t>();
    for (auto* time : {&d.started_at, &d.ended_at, &d.migrated_at}) *time = Time(reader_.Get<int64_t>());
    d.bytes = reader_.Varint();
    d.file_count = reader_.Varint();
    Each(d.metadata_problems, [&](std::string& problem) { problem = reader_.Text(); });
    Each(d.metadata, [&](MetadataEntry& entry) { Entry(entry); });
    Each(d.files, [&](FileDocument& file) { File(file); });
    return reader_.ok() && reader_.empty();
  }

 private:
  void Texts(std::initializer_list<std::string*> texts) {
    for (auto* text : texts) *text = reader_.Text();
  }
  template <typename T>
  void Each(std::vector<T>& items, const auto& get) {
    const uint64_t count = reader_.Varint();
    items.reserve(std::min<uint64_t>(count, size_));
    for (uint64_t i = 0; i < count && reader_.ok(); ++i) get(items.emplace_back());
  }
  void Entry(MetadataEntry& entry) {
    auto& value = entry.value;
    entry.key = reader_.Text();
    value.text = reader_.Text();
    const auto flags = reader_.Get<uint8_t>();
    if ((flags & kNumber) != 0) value.number = reader_.Get<double>();
    if ((flags & kInteger) != 0) value.integer = reader_.Get<int64_t>();
    if ((flags & kUnit) != 0) value.unit = reader_.Text();
    if ((flags & kDate) != 0) value.date = Time(reader_.Get<int64_t>());
    if ((flags & kBoolean) != 0) value.boolean = (flags & kTrue) != 0;
  }
  void File(FileDocument& file) {
    Texts({&file.path, &file.key});
    file.size = reader_.Varint();
    file.sha256.bytes = reader_.Get<decltype(file.sha256.bytes)>();
    Each(file.results, [&](ResultDocument& result) {
      Texts({&result.processor, &result.version, &result.outcome, &result.record_key, &result.reason});
      Each(result.outputs, [&](ResultDocument::Output& output) {
        Texts({&output.name, &output.key});
        output.size = reader_.Varint();
      });
    });
  }

  ByteReader reader_;
  size_t size_;
};

}  // namespace

std::string PackDocument(const SessionDocument& document) {
  std::string out;
  Packer(out).Document(document);
  return out;
}

Result<SessionDocument> UnpackDocument(std::string_view bytes) {
  SessionDocument document;
  if (!Unpacker(bytes).Document(document))
    return Fail(ErrorCode::kDataLoss, "a session document in the search index is damaged");
  return document;
}

}  // namespace seshat::sqlite_metadata_store
