#include "conformance/download_target/download_target_suite.h"

#include <memory>

#include "core/base/bytes.h"

namespace seshat::conformance {
namespace {

constexpr Timestamp kTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 21} +
                          std::chrono::nanoseconds{123'000'000}};

TargetFile FileOf(std::string_view path, std::string_view bytes) {
  return {.path = std::string(path),
          .size = bytes.size(),
          .sha256 = Sha256::Of(AsBytes(bytes)),
          .mode = 0640,
          .modified_at = kTime};
}

std::string BytesOf(DownloadTargetHarness& h, std::string_view path) {
  const auto found = h.Look(path);
  return found ? found->bytes : "(nothing)";
}

// Null, and a failed test, where the target does not begin it.
std::unique_ptr<PartialFile> Begin(DownloadTargetHarness& h, std::string_view path, std::string_view bytes) {
  auto begun = h.target().Begin(FileOf(path, bytes));
  EXPECT_TRUE(begun) << begun.error().ToString();
  if (!begun) return nullptr;
  EXPECT_NE(*begun, nullptr) << "it is not there yet";
  return std::move(*begun);
}

void AFileAppearsWhenItIsFinished(DownloadTargetHarness& h) {
  const auto file = Begin(h, "s/raw/deep/er/a.bin", "some bytes");
  ASSERT_NE(file, nullptr);
  ASSERT_TRUE(file->sink()->WriteAt(0, AsBytes("some bytes")));
  EXPECT_FALSE(h.Look("s/raw/deep/er/a.bin"));
  const auto finished = file->Finish();
  ASSERT_TRUE(finished) << finished.error().ToString();
  EXPECT_EQ(BytesOf(h, "s/raw/deep/er/a.bin"), "some bytes");
}

void HasItsModeAndTime(DownloadTargetHarness& h) {
  TargetFile wanted = FileOf("s/a", "x");
  wanted.mode = 04751;  // the set-id bit never
  auto file = h.target().Begin(wanted);
  ASSERT_TRUE(file && *file != nullptr);
  ASSERT_TRUE((*file)->sink()->WriteAt(0, AsBytes("x")));
  ASSERT_TRUE((*file)->Finish());
  const auto found = h.Look("s/a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mode, 0751u);
  EXPECT_EQ(found->modified_at, kTime);
}

void RangesMayComeInAnyOrder(DownloadTargetHarness& h) {
  const auto file = Begin(h, "s/a", "0123456789");
  ASSERT_NE(file, nullptr);
  const auto sink = file->sink();
  ASSERT_TRUE(sink->WriteAt(6, AsBytes("6789")));
  ASSERT_TRUE(sink->WriteAt(0, AsBytes("012")));
  ASSERT_TRUE(sink->WriteAt(3, AsBytes("345")));
  ASSERT_TRUE(file->Finish());
  EXPECT_EQ(BytesOf(h, "s/a"), "0123456789");
}

void EmptyFilesAreFiles(DownloadTargetHarness& h) {
  const auto file = Begin(h, "s/empty", "");
  ASSERT_NE(file, nullptr);
  ASSERT_TRUE(file->Finish());
  EXPECT_EQ(BytesOf(h, "s/empty"), "");
}

void WrongBytesNeverAppear(DownloadTargetHarness& h) {
  for (const std::string_view written : {"some bytez", "some byte", "some bytes and more", ""}) {
    h.Write("s/there", "what was there");
    for (const std::string_view path : {"s/new", "s/there"}) {
      const auto file = Begin(h, path, "some bytes");
      ASSERT_NE(file, nullptr);
      ASSERT_TRUE(file->sink()->WriteAt(0, AsBytes(written)));
      const auto finished = file->Finish();
      ASSERT_FALSE(finished) << written;
      EXPECT_EQ(finished.error().code, ErrorCode::kDataLoss);
    }
    EXPECT_FALSE(h.Look("s/new"));
    EXPECT_EQ(BytesOf(h, "s/there"), "what was there");
  }
}

void WhatIsDroppedLeavesNothing(DownloadTargetHarness& h) {
  h.Write("s/there", "what was there");
  for (const std::string_view path : {"s/new", "s/there"}) {
    const auto file = Begin(h, path, "some bytes");
    ASSERT_NE(file, nullptr);
    ASSERT_TRUE(file->sink()->WriteAt(0, AsBytes("some bytes")));
  }
  EXPECT_FALSE(h.Look("s/new"));
  EXPECT_EQ(BytesOf(h, "s/there"), "what was there");
}

void WhatIsThereIsKept(DownloadTargetHarness& h) {
  h.Write("s/a", "some bytes");
  const auto again = h.target().Begin(FileOf("s/a", "some bytes"));
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(*again, nullptr);
  const auto found = h.Look("s/a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes, "some bytes");
  EXPECT_EQ(found->mode, 0640u);
  EXPECT_EQ(found->modified_at, kTime);
}

void OtherBytesAreReplaced(DownloadTargetHarness& h) {
  h.Write("s/a", "same size!");
  const auto file = Begin(h, "s/a", "some bytes");
  ASSERT_NE(file, nullptr);
  ASSERT_TRUE(file->sink()->WriteAt(0, AsBytes("some bytes")));
  EXPECT_EQ(BytesOf(h, "s/a"), "same size!");
  ASSERT_TRUE(file->Finish());
  EXPECT_EQ(BytesOf(h, "s/a"), "some bytes");
}

void SeveralFilesAreOnTheirWay(DownloadTargetHarness& h) {
  const auto one = Begin(h, "s/one", "111");
  const auto two = Begin(h, "s/two", "222");
  ASSERT_TRUE(one != nullptr && two != nullptr);
  ASSERT_TRUE(two->sink()->WriteAt(0, AsBytes("222")));
  ASSERT_TRUE(one->sink()->WriteAt(0, AsBytes("111")));
  ASSERT_TRUE(one->Finish());
  ASSERT_TRUE(two->Finish());
  EXPECT_EQ(BytesOf(h, "s/one"), "111");
  EXPECT_EQ(BytesOf(h, "s/two"), "222");
}

void PathsThatLeadOutAreRefused(DownloadTargetHarness& h) {
  using namespace std::string_literals;
  for (const std::string& path :
       {""s, "."s, ".."s, "/etc/x"s, "a/../../x"s, "a//b"s, "a/"s, "./a"s, "../a"s, "a/.."s, "a\0b"s}) {
    const auto begun = h.target().Begin(FileOf(path, "x"));
    ASSERT_FALSE(begun) << path;
    EXPECT_EQ(begun.error().code, ErrorCode::kInvalidArgument) << path;
  }
}

void AFileIsNoFolder(DownloadTargetHarness& h) {
  h.Write("s/a", "a file");
  const auto begun = h.target().Begin(FileOf("s/a/b", "x"));
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(BytesOf(h, "s/a"), "a file");
}

void NamesAreAnyBytes(DownloadTargetHarness& h) {
  for (const std::string_view path : {"s/new\nline", "s/\xFF\xFE", "s/100%", "s/...", "s/ blank "}) {
    const auto file = Begin(h, path, "x");
    ASSERT_NE(file, nullptr);
    ASSERT_TRUE(file->sink()->WriteAt(0, AsBytes("x")));
    ASSERT_TRUE(file->Finish());
    EXPECT_EQ(BytesOf(h, path), "x");
  }
}

constexpr Case<DownloadTargetHarness> kCases[] = {
    {"AFileAppearsWhenItIsFinished", AFileAppearsWhenItIsFinished},
    {"HasItsModeAndTime", HasItsModeAndTime},
    {"RangesMayComeInAnyOrder", RangesMayComeInAnyOrder},
    {"EmptyFilesAreFiles", EmptyFilesAreFiles},
    {"WrongBytesNeverAppear", WrongBytesNeverAppear},
    {"WhatIsDroppedLeavesNothing", WhatIsDroppedLeavesNothing},
    {"WhatIsThereIsKept", WhatIsThereIsKept},
    {"OtherBytesAreReplaced", OtherBytesAreReplaced},
    {"SeveralFilesAreOnTheirWay", SeveralFilesAreOnTheirWay},
    {"PathsThatLeadOutAreRefused", PathsThatLeadOutAreRefused},
    {"AFileIsNoFolder", AFileIsNoFolder},
    {"NamesAreAnyBytes", NamesAreAnyBytes},
};

}  // namespace

std::span<const Case<DownloadTargetHarness>> DownloadTargetCases() { return kCases; }

}  // namespace seshat::conformance
