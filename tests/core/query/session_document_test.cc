#include "core/query/session_document.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "support/generators.h"

namespace seshat::query {
namespace {

using testing::AnyBytes;
using testing::AnySessionDocument;

RC_GTEST_PROP(SessionDocumentCodec, IsLosslessAndCanonical, ()) {
  const auto document = *AnySessionDocument();
  const auto text = EncodeSessionDocument(document);
  const auto decoded = DecodeSessionDocument(text);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == document);
  RC_ASSERT(EncodeSessionDocument(*decoded) == text);
}

RC_GTEST_PROP(SessionDocumentCodec, KeepsEveryBitOfANumber, (uint64_t bits)) {
  const auto number = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(number));
  SessionDocument document;
  document.metadata.push_back({"k", {.text = "whatever", .number = number, .integer = static_cast<int64_t>(bits)}});
  const auto decoded = DecodeSessionDocument(EncodeSessionDocument(document));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(std::bit_cast<uint64_t>(*decoded->metadata.at(0).value.number) == bits);
  RC_ASSERT(decoded->metadata.at(0).value.integer == static_cast<int64_t>(bits));
}

RC_GTEST_PROP(SessionDocumentCodec, AnswersDataLossForDamagedText, ()) {
  auto text = EncodeSessionDocument(*AnySessionDocument());
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  text = *rc::gen::element(text.substr(0, at), text.substr(0, at) + *AnyBytes() + text.substr(at));
  const auto decoded = DecodeSessionDocument(text);
  if (!decoded) {
    RC_ASSERT(decoded.error().code == ErrorCode::kDataLoss);
  } else {
    // The damage hit a text or a number: what is left is a document all the same.
    RC_ASSERT(DecodeSessionDocument(EncodeSessionDocument(*decoded)).value() == *decoded);
  }
}

TEST(SessionDocumentCodec, HasAFixedFormThatPeopleCanRead) {
  SessionDocument d;
  d.session_id = "rig-1";
  d.version = (1ULL << 32) | 1;
  d.revision = 1;
  d.source = "lab";
  d.state = "complete";
  d.metadata_state = "present";
  d.bytes = 3;
  d.file_count = 1;
  d.manifest_key = "rig-1/manifests/000001.json";
  d.metadata.push_back({"temp", metadata::TypeValue("25.5 °C")});
  EXPECT_EQ(
      EncodeSessionDocument(d),
      R"({"format":"seshat.session/1","session_id":"rig-1","version":4294967297,"revision":1,"source":"lab",)"
      R"("state":"complete","metadata_state":"present","metadata_problems":[],)"
      R"("started_at":"1970-01-01T00:00:00Z","ended_at":"1970-01-01T00:00:00Z","migrated_at":"1970-01-01T00:00:00Z",)"
      R"("bytes":3,"file_count":1,"manifest_key":"rig-1/manifests/000001.json","traceparent":"",)"
      R"("metadata":[{"key":"temp","text":"25.5 °C","number":25.5,"unit":"°C"}],"files":[]})");
}

TEST(SessionDocumentCodec, NamesWhatIsMissing) {
  const auto decoded = DecodeSessionDocument(R"({"format":"seshat.session/1","session_id":"a"})");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kDataLoss);
  EXPECT_NE(decoded.error().message.find("version"), std::string::npos) << decoded.error().message;
}

}  // namespace
}  // namespace seshat::query
