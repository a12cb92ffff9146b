#include "core/records/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <functional>

#include "support/generators.h"

namespace seshat::records {
namespace {

using ::testing::HasSubstr;

// Each record's codec, reduced to text in, text out.
struct Codec {
  const char* name;
  std::function<rc::Gen<std::string>()> any;  // canonical texts
  std::function<Result<std::string>(std::string_view)> again;
  std::vector<const char*> required;
};

template <typename Record>
Codec MakeCodec(const char* name, rc::Gen<Record> (*any)(), std::string (*encode)(const Record&),
                Result<Record> (*decode)(std::string_view), std::vector<const char*> required) {
  return {name, [=] { return rc::gen::map(any(), encode); },
          [=](std::string_view text) -> Result<std::string> {
            SESHAT_ASSIGN(const auto record, decode(text));
            return encode(record);
          },
          std::move(required)};
}

const std::vector<Codec>& Codecs() {
  static const std::vector<Codec> kCodecs{
      MakeCodec("owner", testing::AnyOwner, EncodeOwner, DecodeOwner,
                {"format", "session_id", "source", "agent_id", "nonce", "claimed_at"}),
      MakeCodec("manifest", testing::AnyManifest, EncodeManifest, DecodeManifest,
                {"format", "session_id", "revision", "source", "agent_id", "started_at", "ended_at", "migrated_at"}),
      MakeCodec("receipt", testing::AnyReceipt, EncodeReceipt, DecodeReceipt,
                {"format", "session_id", "path", "raw_key", "input_sha256", "processor", "version", "started_at",
                 "finished_at"}),
      MakeCodec(
          "failure", testing::AnyProcessingFailure, EncodeProcessingFailure, DecodeProcessingFailure,
          {"format", "session_id", "path", "raw_key", "processor", "version", "reason", "attempts", "failed_at"})};
  return kCodecs;
}

RC_GTEST_PROP(RecordCodec, DecodingAndEncodingGivesTheSameBytes, ()) {
  for (const auto& codec : Codecs()) {
    const auto text = *codec.any();
    const auto again = codec.again(text);
    if (!again) RC_FAIL(std::string(codec.name) + ": " + again.error().message);
    RC_ASSERT(*again == text);
    RC_ASSERT(text.ends_with('\n'));
  }
}

RC_GTEST_PROP(RecordCodec, UnknownFieldsAreIgnored, ()) {
  for (const auto& codec : Codecs()) {
    const auto text = *codec.any();
    const auto extended = "{\"future\": {\"a\": [1, 2, null]}, " + text.substr(1);
    const auto again = codec.again(extended);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == text);
  }
}

RC_GTEST_PROP(RecordCodec, GarbageIsDataLossAndNeverACrash, ()) {
  for (const auto& codec : Codecs()) {
    auto text = *codec.any();
    const auto at = *rc::gen::inRange<size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text = *testing::AnyBytes();
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
        break;
      default:
        text.insert(at, *testing::AnyBytes());
    }
    const auto again = codec.again(text);
    if (!again) {
      RC_ASSERT(again.error().code == ErrorCode::kDataLoss);
      RC_ASSERT(!again.error().message.empty());
    } else {
      RC_ASSERT(codec.again(*again).value() == *again);  // what was understood is a record
    }
  }
}

RC_GTEST_PROP(RecordCodec, NamesTheFieldThatIsMissingOrOfTheWrongType, ()) {
  for (const auto& codec : Codecs()) {
    const auto text = *codec.any();
    const std::string field = *rc::gen::elementOf(codec.required);
    auto renamed = text;
    renamed.replace(renamed.find("\"" + field + "\":") + 1, field.size(), "no_such_field");
    const auto missing = codec.again(renamed);
    RC_ASSERT(!missing);
    RC_ASSERT(missing.error().code == ErrorCode::kDataLoss);
    RC_ASSERT(missing.error().message.find("'" + field + "'") != std::string::npos);

    auto wrong = text;
    const auto begin = wrong.find("\"" + field + "\":") + field.size() + 3;
    wrong.insert(begin, "[],\"rest\":");
    const auto of_wrong_type = codec.again(wrong);
    RC_ASSERT(!of_wrong_type);
    RC_ASSERT(of_wrong_type.error().message.find("'" + field + "'") != std::string::npos);
  }
}

std::string MinimalManifest(const std::string& from, const std::string& to) {
  std::string text =
      R"({"format":"seshat.manifest/1","session_id":"s","revision":1,"source":"r","agent_id":"a",)"
      R"("started_at":"2026-01-01T00:00:00Z","ended_at":"2026-01-01T00:00:00Z","migrated_at":"2026-01-01T00:00:00Z",)"
      R"("files":[{"path":"a","key":"s/raw/a","size":1,)"
      R"("sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","mode":420,)"
      R"("modified_at":"2026-01-01T00:00:00Z","storage_class":"STANDARD","since_revision":1}]})";
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(ManifestCodec, OptionalFieldsMayBeAbsent) {
  const auto manifest = DecodeManifest(MinimalManifest("", ""));
  ASSERT_TRUE(manifest) << manifest.error().ToString();
  EXPECT_FALSE(manifest->metadata_path);
  EXPECT_TRUE(manifest->skipped.empty());
  EXPECT_TRUE(manifest->removed.empty());
  EXPECT_EQ(manifest->files[0].checksum, "");
  EXPECT_EQ(manifest->files[0].mode, 0644u);
}

TEST(ManifestCodec, NumbersThatDoNotFitAreRefused) {
  const std::array<std::pair<const char*, const char*>, 8> cases{{{R"("revision":1)", R"("revision":4294967296)"},
                                                                  {R"("revision":1)", R"("revision":4294967297)"},
                                                                  {R"("revision":1)", R"("revision":-1)"},
                                                                  {R"("revision":1)", R"("revision":1.5)"},
                                                                  {R"("revision":1)", R"("revision":"1")"},
                                                                  {R"("mode":420)", R"("mode":4096)"},
                                                                  {R"("mode":420)", R"("mode":18446744073709551615)"},
                                                                  {R"("size":1)", R"("size":18446744073709551616)"}}};
  for (const auto& [from, to] : cases) {
    const auto manifest = DecodeManifest(MinimalManifest(from, to));
    ASSERT_FALSE(manifest) << to;
    EXPECT_EQ(manifest.error().code, ErrorCode::kDataLoss);
  }
  EXPECT_TRUE(DecodeManifest(MinimalManifest(R"("revision":1)", R"("revision":4294967295)")));
  EXPECT_TRUE(DecodeManifest(MinimalManifest(R"("size":1)", R"("size":18446744073709551615)")));
}

TEST(ManifestCodec, SaysWhatIsWrongInsideAFile) {
  EXPECT_THAT(DecodeManifest(MinimalManifest("STANDARD", "TAPE")).error().message, HasSubstr("'storage_class'"));
  EXPECT_THAT(DecodeManifest(MinimalManifest("e3b0", "xyz0")).error().message, HasSubstr("'sha256'"));
  EXPECT_THAT(DecodeManifest(MinimalManifest(R"("path":"a")", R"("path":"%4")")).error().message, HasSubstr("'path'"));
  EXPECT_THAT(DecodeManifest(MinimalManifest("seshat.manifest/1", "seshat.manifest/2")).error().message,
              HasSubstr("'format'"));
}

TEST(ManifestCodec, FilesMustBeSorted) {
  Manifest manifest{.session_id = "s"};
  manifest.files = {{.path = "b"}, {.path = "a"}};
  EXPECT_THAT(DecodeManifest(EncodeManifest(manifest)).error().message, HasSubstr("not sorted"));
}

TEST(Manifest, FindsFilesAndAddsSizes) {
  Manifest manifest;
  manifest.files = {{.path = "a", .size = 1}, {.path = "b/c", .size = 2}};
  EXPECT_EQ(manifest.TotalBytes(), 3u);
  ASSERT_NE(manifest.Find("b/c"), nullptr);
  EXPECT_EQ(manifest.Find("b/c")->size, 2u);
  EXPECT_EQ(manifest.Find("b"), nullptr);
  EXPECT_EQ(manifest.Find("z"), nullptr);
}

}  // namespace
}  // namespace seshat::records
