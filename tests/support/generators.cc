#include "support/generators.h"

#include <algorithm>
#include <set>

#include "core/records/blob_key.h"

namespace seshat::testing {
namespace {

namespace gen = rc::gen;

std::string Utf8(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

rc::Gen<std::string> AnyCodePoint() {
  const auto special = gen::elementOf(
      std::u32string(U"\0\t\n\r\"\\/%'`*?:=#;[]{}<>&\u007F\u00B0\u00B5\u2126\u202E\uFEFF\uFFFD\U0001F600", 32));
  const auto point = gen::weightedOneOf<char32_t>({{8, gen::cast<char32_t>(gen::inRange<uint32_t>('a', 'z' + 1))},
                                                   {3, gen::cast<char32_t>(gen::inRange<uint32_t>('0', '9' + 1))},
                                                   {2, gen::just<char32_t>(U' ')},
                                                   {3, special},
                                                   {1, gen::cast<char32_t>(gen::inRange<uint32_t>(0xA0, 0xD800))},
                                                   {1, gen::cast<char32_t>(gen::inRange<uint32_t>(0xE000, 0x110000))}});
  return gen::map(point, Utf8);
}

rc::Gen<std::string> TextOf(int least) {
  return gen::mapcat(gen::inRange(least, 25), [](int count) {
    return gen::map(gen::container<std::vector<std::string>>(static_cast<size_t>(count), AnyCodePoint()),
                    [](const std::vector<std::string>& parts) {
                      std::string text;
                      for (const auto& part : parts) text += part;
                      return text;
                    });
  });
}

uint32_t AnyRevision() { return *gen::inRange<uint32_t>(1, 1'000'000); }
uint64_t AnySize() { return *gen::oneOf(gen::inRange<uint64_t>(0, 4096), gen::arbitrary<uint64_t>()); }

std::vector<std::string> SortedPaths(size_t most) {
  const auto count = *gen::inRange<size_t>(0, most + 1);
  std::set<std::string> paths;
  for (size_t i = 0; i < count; ++i)
    paths.insert(*gen::suchThat(AnyBytes(), [](const std::string& s) { return !s.empty(); }));
  return {paths.begin(), paths.end()};
}

ManifestFile AnyManifestFile(std::string path) {
  ManifestFile file;
  file.path = std::move(path);
  file.key = *AnyName();
  file.size = *gen::inRange<uint64_t>(0, uint64_t{1} << 45);
  file.sha256 = *AnySha256();
  file.mode = *gen::inRange<uint32_t>(0, 010000);
  file.modified_at = *AnyTimestamp();
  file.storage_class =
      *gen::element(StorageClass::kStandard, StorageClass::kGlacierInstantRetrieval, StorageClass::kDeepArchive);
  file.checksum = *gen::element<std::string>("", "crc64nvme:AAAAAAAAAAA=");
  file.since_revision = AnyRevision();
  return file;
}

ResultDocument AnyResult() {
  ResultDocument result;
  result.processor = *AnyName();
  result.version = *AnyName();
  result.outcome = *gen::element<std::string>("succeeded", "failed");
  result.record_key = *AnyName();
  if (result.outcome == "failed") result.reason = *AnyText();
  const auto count = *gen::inRange(0, 3);
  for (int i = 0; i < count; ++i) result.outputs.push_back({*AnyName(), *AnyName(), AnySize()});
  return result;
}

}  // namespace

rc::Gen<std::string> AnyText() { return TextOf(0); }
rc::Gen<std::string> AnyName() { return TextOf(1); }

rc::Gen<std::string> AnyBytes() {
  return gen::mapcat(gen::inRange<size_t>(0, 41), [](size_t count) {
    return gen::container<std::string>(count, gen::cast<char>(gen::inRange<int>(0, 256)));
  });
}

rc::Gen<std::string> AnyMetadataText() {
  return gen::oneOf(AnyText(), gen::map(gen::arbitrary<int64_t>(), [](int64_t i) { return std::to_string(i); }),
                    gen::map(gen::arbitrary<double>(), [](double d) { return std::to_string(d); }),
                    gen::map(AnyTimestamp(), FormatTimestamp),
                    gen::element<std::string>("25 °C", "3.3 V", "10 kHz", "1e5", "-0", "007", "0x1F", "nan", "inf",
                                              "true", "OFF", "2021-04-21", "2021-04-21 06:30:58", "9007199254740993",
                                              "9223372036854775808", "1.5e308", "1e999", "5 µm", "12ab", "", " 7 "));
}

rc::Gen<Timestamp> AnyTimestamp() {
  constexpr int64_t kEarliest = -9'214'560'000;  // 1678-01-01 in seconds
  constexpr int64_t kLatest = 9'214'646'400;     // 2262-01-01
  auto usual =
      gen::map(gen::pair(gen::inRange(kEarliest, kLatest),
                         gen::oneOf(gen::just<int64_t>(0),
                                    gen::map(gen::inRange<int64_t>(0, 1000), [](int64_t ms) { return ms * 1'000'000; }),
                                    gen::inRange<int64_t>(0, 1'000'000'000))),
               [](std::pair<int64_t, int64_t> t) {
                 return Timestamp(std::chrono::seconds(t.first) + std::chrono::nanoseconds(t.second));
               });
  // The ends are what programs write for "never".
  return gen::weightedOneOf<Timestamp>(
      {{20, usual}, {1, gen::element(Timestamp::min(), Timestamp::max(), Timestamp{})}});
}

rc::Gen<Sha256> AnySha256() {
  return gen::map(AnyBytes(), [](const std::string& bytes) { return Sha256::Of(AsBytes(bytes)); });
}

rc::Gen<Owner> AnyOwner() {
  return gen::exec([] { return Owner{*AnyName(), *AnyName(), *AnyName(), *AnyName(), *AnyTimestamp()}; });
}

rc::Gen<Manifest> AnyManifest() {
  return gen::exec([] {
    Manifest m;
    m.session_id = *AnyName();
    m.revision = AnyRevision();
    m.source = *AnyName();
    m.agent_id = *AnyName();
    m.traceparent = *AnyText();
    m.started_at = *AnyTimestamp();
    m.ended_at = *AnyTimestamp();
    m.migrated_at = *AnyTimestamp();
    m.metadata_path = *Maybe(AnyBytes());
    for (auto& path : SortedPaths(4)) m.files.push_back(AnyManifestFile(std::move(path)));
    for (auto& path : SortedPaths(2)) m.skipped.push_back({std::move(path), *AnyName(), *AnyText()});
    m.removed = SortedPaths(2);
    return m;
  });
}

rc::Gen<Receipt> AnyReceipt() {
  return gen::exec([] {
    Receipt r;
    r.session_id = *AnyName();
    r.path = *AnyBytes();
    r.raw_key = *AnyName();
    r.input_sha256 = *AnySha256();
    r.processor = *AnyName();
    r.version = *AnyName();
    r.worker_id = *AnyText();
    r.traceparent = *AnyText();
    r.started_at = *AnyTimestamp();
    r.finished_at = *AnyTimestamp();
    r.cpu_microseconds = *gen::arbitrary<int64_t>();
    r.peak_memory_bytes = *gen::arbitrary<int64_t>();
    for (auto& name : SortedPaths(3)) r.outputs.push_back({std::move(name), *AnyName(), AnySize(), *AnySha256()});
    return r;
  });
}

rc::Gen<ProcessingFailure> AnyProcessingFailure() {
  return gen::exec([] {
    return ProcessingFailure{*AnyName(),     *AnyBytes(), *AnyName(), *AnyName(),
                             *AnyName(),     *AnyText(),  *AnyText(), *gen::arbitrary<uint32_t>(),
                             *AnyTimestamp()};
  });
}

rc::Gen<MetadataEntry> AnyMetadataEntry() {
  return gen::exec([] { return MetadataEntry{*AnyName(), metadata::TypeValue(*AnyMetadataText())}; });
}

rc::Gen<SessionDocument> AnySessionDocument() {
  return gen::exec([] {
    SessionDocument d;
    d.session_id = *AnyName();
    d.revision = AnyRevision();
    d.version = (uint64_t{d.revision} << 32) | *gen::inRange<uint64_t>(0, 100);
    d.source = *AnyName();
    d.state = *gen::element<std::string>("complete", "partial");
    d.metadata_state = *gen::element<std::string>("present", "missing", "truncated", "unreadable");
    const auto problems = *gen::inRange(0, 3);
    for (int i = 0; i < problems; ++i) d.metadata_problems.push_back(*AnyText());
    d.started_at = *AnyTimestamp();
    d.ended_at = *AnyTimestamp();
    d.migrated_at = *AnyTimestamp();
    d.bytes = AnySize();
    d.file_count = AnySize();
    d.manifest_key = *AnyName();
    d.traceparent = *AnyText();
    const auto entries = *gen::inRange(0, 5);
    for (int i = 0; i < entries; ++i) d.metadata.push_back(*AnyMetadataEntry());
    for (const auto& path : SortedPaths(3)) {
      FileDocument file{records::EncodePath(path), *AnyName(), AnySize(), *AnySha256(), {}};
      const auto results = *gen::inRange(0, 3);
      for (int i = 0; i < results; ++i) file.results.push_back(AnyResult());
      d.files.push_back(std::move(file));
    }
    return d;
  });
}

}  // namespace seshat::testing
