// Hostile ids, names, keys and links: nothing leaves the root; each is refused with a reason or kept exactly.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "adapters/file_store/file_store.h"
#include "adapters/file_store/memory_dir.h"
#include "conformance/blob_store/blob_store_probes.h"
#include "core/records/keys.h"
#include "core/records/session_id.h"

namespace seshat::testing {
namespace {

using conformance::CodeOf;
using conformance::Key;
using conformance::Keys;
using conformance::ReadBack;

std::unique_ptr<BlobStore> Open(const std::filesystem::path& root) {
  auto store = file_store::MakeFileBlobStore({.root = root, .part_bytes = 64 * 1024});
  EXPECT_TRUE(store) << (store ? "" : store.error().ToString());
  return *std::move(store);
}

std::vector<std::string> HostileTexts() {
  using namespace std::string_literals;
  const std::vector<std::string> seeds = {""s,
                                          "."s,
                                          ".."s,
                                          "..."s,
                                          "/"s,
                                          "//"s,
                                          "~"s,
                                          "~root"s,
                                          "-rf"s,
                                          "--"s,
                                          "*"s,
                                          "?"s,
                                          "\\"s,
                                          "|"s,
                                          ";ls"s,
                                          "&"s,
                                          "$HOME"s,
                                          "$(id)"s,
                                          "`id`"s,
                                          "%"s,
                                          "%2e%2e"s,
                                          "%2F"s,
                                          "%00"s,
                                          "%zz"s,
                                          "%c0%af"s,
                                          "\0"s,
                                          "a\0b"s,
                                          "\n"s,
                                          "\r"s,
                                          "\t"s,
                                          "\x01"s,
                                          "\x1b[2J"s,
                                          "\x7f"s,
                                          "\x80"s,
                                          "\xff"s,
                                          "\xc0\xae"s,
                                          "\xc0\xaf"s,
                                          "\xed\xa0\x80"s,
                                          "\xe2\x80\xae"s,
                                          "\xe2\x80\x8b"s,
                                          "\xef\xbb\xbf"s,
                                          "\xef\xbf\xbe"s,
                                          "\xef\xbf\xbf"s,
                                          "\xf4\x90\x80\x80"s,
                                          "\xc2\x85"s,
                                          " "s,
                                          "CON"s,
                                          "NUL"s,
                                          "aux.txt"s,
                                          "C:"s,
                                          "C:\\x"s,
                                          "file:"s,
                                          "http://x"s,
                                          "<script>"s,
                                          "' OR 1=1 --"s,
                                          "{{7*7}}"s,
                                          ".seshat"s,
                                          ".seshat/puts"s,
                                          ".git"s,
                                          "etc/passwd"s,
                                          "proc/self/root"s,
                                          "dev/null"s,
                                          "a"s,
                                          "A"s,
                                          "caf\xc3\xa9"s,
                                          "cafe\xcc\x81"s,
                                          std::string(255, 'x'),
                                          std::string(256, 'y'),
                                          std::string(1024, 'z'),
                                          std::string(5000, 'w'),
                                          std::string(254, 'q') + "\x01",
                                          std::string(300, '.'),
                                          std::string(1023, '/') + "a"};
  const std::vector<std::string> forms = {"{}", "../{}", "{}/..", "x/{}", "{}/x", "/{}", "x/../{}", "./{}", "{}//x"};
  std::vector<std::string> texts;
  for (const auto& seed : seeds) {
    for (const auto& form : forms) {
      std::string text = form;
      text.replace(text.find("{}"), 2, seed);
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

class HostileTest : public ::testing::Test {
 protected:
  // Nothing but the store may have appeared beside it.
  void ExpectNoEscape() {
    std::set<std::string> beside;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path()))
      beside.insert(entry.path().filename().string());
    EXPECT_EQ(beside, (std::set<std::string>{"outside", "store"}));
    std::set<std::string> outside;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / "outside"))
      outside.insert(entry.path().filename().string());
    EXPECT_EQ(outside, std::set<std::string>{"secret"});
    EXPECT_EQ(ReadFile(dir_ / "outside/secret"), "secret");
  }

  HostileTest() {
    WriteFile(dir_ / "outside/secret", "secret");
    store_ = Open(dir_ / "store");
  }

  MemoryDir dir_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(HostileTest, EveryKeyIsRefusedOrKept) {
  const auto texts = HostileTexts();
  ASSERT_GE(texts.size(), 500U);
  std::map<std::string, std::string> kept;
  for (const std::string& text : texts) {
    const auto key = BlobKey::Parse(text);
    if (!key) {
      EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
      EXPECT_FALSE(key.error().message.empty());
      continue;
    }
    const auto outcome = PutBytes(*store_, *key, "of " + text);
    if (outcome) {
      kept[text] = "of " + text;
    } else if (!kept.contains(text)) {
      EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument) << outcome.error().ToString();
    }
  }
  EXPECT_GT(kept.size(), 80U);
  std::vector<std::string> keys;
  for (const auto& [text, bytes] : kept) {
    keys.push_back(text);
    EXPECT_TRUE(ReadBack(*store_, Key(text)) == bytes) << text;
  }
  EXPECT_EQ(Keys(*store_), keys);
  ExpectNoEscape();
}

TEST_F(HostileTest, EveryFileNameIsRefusedOrKept) {
  const SessionId id = SessionId::Parse("session").value();
  std::map<std::string, std::string> kept;  // key, name
  for (const std::string& name : HostileTexts()) {
    const auto key = keys::Raw(id, 1, 0, name);
    if (!key) {
      EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
      continue;
    }
    EXPECT_TRUE(key->value().starts_with("session/raw/"));
    const auto decoded = records::DecodePath(std::string_view(key->value()).substr(12));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, name);
    const auto outcome = PutBytes(*store_, *key, name);
    EXPECT_TRUE(!outcome || kept.emplace(key->value(), name).second) << "two names share a key";
  }
  EXPECT_GT(kept.size(), 100U);
  for (const auto& [key, name] : kept) EXPECT_TRUE(ReadBack(*store_, Key(key)) == name) << key;
  ExpectNoEscape();
}

TEST_F(HostileTest, EverySessionIdIsRefusedOrOneSegment) {
  int accepted = 0;
  for (const std::string& text : HostileTexts()) {
    const auto id = SessionId::Parse(text);
    if (!id) {
      EXPECT_EQ(id.error().code, ErrorCode::kInvalidArgument);
      EXPECT_FALSE(id.error().message.empty());
      continue;
    }
    ++accepted;
    EXPECT_EQ(id->value(), text);
    EXPECT_EQ(text.find('/'), std::string::npos);
    const BlobKey owner = keys::Owner(*id);
    EXPECT_EQ(CodeOf(PutBytes(*store_, owner, text)), "ok") << text;
    EXPECT_EQ(ReadBack(*store_, owner), text);
  }
  EXPECT_GT(accepted, 10);
  ExpectNoEscape();
}

TEST_F(HostileTest, NoPlantedLinkIsFollowed) {
  const auto root = dir_ / "store";
  ASSERT_TRUE(PutBytes(*store_, Key("s/raw/a"), "x"));
  std::filesystem::create_directory_symlink(dir_ / "outside", root / "folder");
  std::filesystem::create_directory_symlink("../../outside", root / "s/up");
  std::filesystem::create_directory_symlink("raw", root / "s/inside");
  std::filesystem::create_symlink(dir_ / "outside/secret", root / "s/secret");
  std::filesystem::create_symlink("/proc/self/root", root / "s/magic");
  std::filesystem::create_symlink("nowhere", root / "s/dangling");
  for (const char* key :
       {"folder/secret", "s/up/secret", "s/inside/a", "s/secret", "s/magic/etc/passwd", "s/dangling"}) {
    EXPECT_EQ(ReadBack(*store_, Key(key)), "<data_loss>") << key;
    EXPECT_EQ(CodeOf(store_->Stat(Key(key))), "data_loss") << key;
  }
  for (const char* key :
       {"folder/new", "folder/a/b", "s/up/new", "s/secret", "s/inside/new", "s/dangling", "s/magic/tmp/x"}) {
    conformance::ProbeJournal journal;
    EXPECT_EQ(CodeOf(PutBytes(*store_, Key(key), "y")), "data_loss") << key;
    EXPECT_EQ(CodeOf(PutOne(*store_, {.key = Key(key), .body = SourceFromBytes("y"), .journal = &journal})),
              "data_loss")
        << key;
  }
  EXPECT_EQ(Keys(*store_), std::vector<std::string>{"s/raw/a"});
  ExpectNoEscape();
}

TEST_F(HostileTest, TheStoresOwnDirectoryIsNoLinkEither) {
  std::filesystem::create_directory_symlink(dir_ / "outside", dir_ / "store" / ".seshat");
  EXPECT_EQ(CodeOf(PutBytes(*store_, Key("a"), "y")), "data_loss");
  ExpectNoEscape();
}

TEST_F(HostileTest, APlantedPipeBlocksNobody) {
  ASSERT_TRUE(PutBytes(*store_, Key("s/a"), "x"));
  ASSERT_EQ(::mkfifo((dir_ / "store/s/pipe").c_str(), 0600), 0);
  EXPECT_EQ(ReadBack(*store_, Key("s/pipe")), "<data_loss>");
  EXPECT_EQ(CodeOf(PutBytes(*store_, Key("s/pipe"), "y")), "already_exists");
  EXPECT_EQ(Keys(*store_), std::vector<std::string>{"s/a"});
}

TEST_F(HostileTest, NamesThatNoKeyCanHaveAreNotListed) {
  ASSERT_TRUE(PutBytes(*store_, Key("s/a"), "x"));
  WriteFile(dir_ / "store/s/line\nbreak", "x");
  WriteFile(dir_ / "store/s/\xff", "x");
  WriteFile(dir_ / "store/s/\x1b[2J/x", "x");
  std::filesystem::create_directories(dir_ / "store/empty/emptier");
  EXPECT_EQ(Keys(*store_), std::vector<std::string>{"s/a"});
  const auto folders = store_->List({.fold_folders = true});
  ASSERT_TRUE(folders);
  EXPECT_EQ(folders->folders, std::vector<std::string>{"s/"});
}

TEST_F(HostileTest, AHostileStateNamesNoFile) {
  for (const char* state : {"file 1 ../../outside/secret 6 at 0", "file 1 r/../../../outside/secret 6 at 0",
                            "file 1 r 6 at 0", "file 1 r0-1 6 at 7", "file 1 r0-1 -1 at 0", "file 2 r0-1 6 at 0",
                            "file 1 . 6 at 0", "file 1 r0-1 6 done 00"}) {
    conformance::ProbeJournal journal;
    EXPECT_EQ(
        CodeOf(PutOne(
            *store_, {.key = Key("k"), .body = SourceFromBytes("secret"), .journal = &journal, .resume_state = state})),
        "not_found")
        << state;
    EXPECT_TRUE(store_->Abandon(Key("k"), state));
  }
  ExpectNoEscape();
}

TEST_F(HostileTest, ItsOwnDirectoryIsNoKey) {
  for (const char* key : {".seshat", ".seshat/puts", ".seshat/puts/x"}) {
    EXPECT_EQ(CodeOf(PutBytes(*store_, Key(key), "x")), "invalid_argument");
    EXPECT_EQ(ReadBack(*store_, Key(key)), "<invalid_argument>");
  }
  EXPECT_EQ(CodeOf(PutBytes(*store_, Key(".seshatx"), "x")), "ok");
  EXPECT_EQ(CodeOf(PutBytes(*store_, Key("a/.seshat"), "x")), "ok");
  EXPECT_EQ(Keys(*store_), (std::vector<std::string>{".seshatx", "a/.seshat"}));
}

}  // namespace
}  // namespace seshat::testing
