// The least work that could move files to and from emulated_s3: no signature, no retry, no memory of what was done, and
// no checksum unless it is asked for.
//
//   floor_s3 [--digests] put PORT DIRECTORY [CA]            every file of DIRECTORY; with CA over one TLS 1.3 connection
//   floor_s3 [--digests] [--direct] get PORT DIRECTORY COUNT   objects 00000.bin … of prefix "get/" into DIRECTORY
//
// --digests: with what integrity costs at least: the SHA-256 of each file and the CRC64NVME of each body on the way up,
// the CRC64NVME on the way down. --direct: past the page cache (O_DIRECT) instead of write(2).
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/digest/crc64nvme.h"
#include "core/digest/sha256.h"

namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 1 << 20;
constexpr size_t kConnections = 8;
constexpr size_t kPage = 4096;  // O_DIRECT moves whole ones

struct Options {
  bool digests = false;
  bool direct = false;
};

// Aligned as O_DIRECT wants it.
class Block {
 public:
  char* data() const { return memory_.get(); }
  static constexpr size_t size() { return kBlock; }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }  // NOLINT(cppcoreguidelines-no-malloc)
  };
  std::unique_ptr<char, Free> memory_{static_cast<char*>(std::aligned_alloc(kPage, kBlock))};
};

// What has been computed of a body; kept, so that computing it is not left out.
struct Digests {
  std::optional<seshat::Sha256Hasher> sha256;
  uint64_t crc = 0;
  void Add(const char* data, size_t size) {
    const auto bytes = seshat::AsBytes(std::string_view(data, size));
    if (sha256) sha256->Update(bytes);
    crc = seshat::digest::Crc64Nvme(bytes, crc);
  }
};

unsigned char digests_seen = 0;

class Peer {
 public:
  Peer(int port, SSL_CTX* tls) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ok_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (tls == nullptr) return;
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd_);
    ok_ = ok_ && SSL_connect(ssl_) == 1;
  }
  bool ok() const { return ok_; }

  bool Send(std::string_view data, bool more) {
    while (!data.empty()) {
      const ssize_t sent = ssl_ != nullptr ? SSL_write(ssl_, data.data(), static_cast<int>(data.size()))
                                           : ::send(fd_, data.data(), data.size(), more ? MSG_MORE : 0);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  ssize_t Receive(char* into, size_t most) {
    return ssl_ != nullptr ? SSL_read(ssl_, into, static_cast<int>(most)) : ::recv(fd_, into, most, 0);
  }
  // The answer's head; `rest` is what came behind it.
  bool Head(std::string& head, std::string& rest) {
    head.clear();
    char buffer[64 << 10];
    while (true) {
      const ssize_t got = Receive(buffer, sizeof buffer);
      if (got <= 0) return false;
      head.append(buffer, static_cast<size_t>(got));
      const size_t end = head.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      rest = head.substr(end + 4);
      head.resize(end);
      return head.starts_with("HTTP/1.1 2");
    }
  }

 private:
  int fd_ = -1;
  SSL* ssl_ = nullptr;
  bool ok_ = false;
};

std::vector<Peer> Connect(int port, SSL_CTX* tls, size_t count) {
  std::vector<Peer> peers;
  for (size_t i = 0; i < count; ++i) peers.emplace_back(port, tls);
  return peers;
}

bool PutOne(Peer& peer, const fs::path& file, const Block& block, const Options& options) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (fd < 0 || ::fstat(fd, &status) != 0) return false;
  Digests digests;
  if (options.digests) digests.sha256.emplace();
  bool ok = peer.Send(fmt::format("PUT /b/floor/{} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
                                  file.filename().string(), status.st_size),
                      true);
  for (off_t left = status.st_size; ok && left > 0;) {
    const ssize_t got = ::read(fd, block.data(), Block::size());
    if (got <= 0) break;
    left -= got;
    if (options.digests) digests.Add(block.data(), static_cast<size_t>(got));
    ok = peer.Send({block.data(), static_cast<size_t>(got)}, left > 0);
  }
  ::close(fd);
  if (digests.sha256)
    digests_seen ^=
        static_cast<unsigned char>(digests.crc) ^ static_cast<unsigned char>(digests.sha256->Finish().bytes[0]);
  return ok;
}

int Put(int port, const fs::path& directory, const char* ca, const Options& options) {
  SSL_CTX* tls = nullptr;
  if (ca != nullptr) {
    tls = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_load_verify_locations(tls, ca, nullptr) != 1) return 1;
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back(entry.path());
  auto peers = Connect(port, tls, std::min(kConnections, files.size()));
  const Block block;
  std::string head;
  std::string rest;
  for (size_t begin = 0; begin < files.size(); begin += peers.size()) {
    const size_t end = std::min(files.size(), begin + peers.size());
    for (size_t i = begin; i < end; ++i)
      if (!PutOne(peers[i - begin], files[i], block, options)) return 1;
    for (size_t i = begin; i < end; ++i)
      if (!peers[i - begin].Head(head, rest)) return 1;
  }
  return 0;
}

// Writes what the block holds; the last time whatever is left, and then the file's true length.
bool Flush(int fd, const Block& block, size_t filled, off_t& written, const Options& options) {
  const size_t whole = options.direct ? (filled + kPage - 1) / kPage * kPage : filled;
  const bool ok = ::pwrite(fd, block.data(), whole, written) == static_cast<ssize_t>(whole);
  written += static_cast<off_t>(filled);
  return ok && (whole == filled || ::ftruncate(fd, written) == 0);
}

bool GetOne(Peer& peer, const fs::path& file, const Block& block, const Options& options) {
  std::string head;
  std::string rest;
  if (!peer.Head(head, rest)) return false;
  const size_t length = head.find("Content-Length: ");
  if (length == std::string::npos) return false;
  uint64_t left = std::strtoull(head.c_str() + length + 16, nullptr, 10);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | (options.direct ? O_DIRECT : 0), 0644);
  if (fd < 0) return false;
  std::memcpy(block.data(), rest.data(), rest.size());
  size_t filled = rest.size();
  left -= rest.size();
  off_t written = 0;
  Digests digests;
  bool ok = true;
  while (ok && (left > 0 || filled > 0)) {
    if (left > 0 && filled < Block::size()) {
      const ssize_t got = peer.Receive(block.data() + filled, std::min<uint64_t>(Block::size() - filled, left));
      if (got <= 0) break;
      filled += static_cast<size_t>(got);
      left -= static_cast<uint64_t>(got);
      // Whole blocks past the cache; into it as the bytes come.
      if (options.direct && left > 0 && filled < Block::size()) continue;
    }
    if (options.digests) digests.Add(block.data(), filled);
    ok = Flush(fd, block, filled, written, options);
    filled = 0;
  }
  ::close(fd);
  digests_seen ^= static_cast<unsigned char>(digests.crc);
  return ok && left == 0;
}

int Get(int port, const fs::path& directory, size_t count, const Options& options) {
  auto peers = Connect(port, nullptr, std::min(kConnections, count));
  const Block block;
  for (size_t begin = 0; begin < count; begin += peers.size()) {
    const size_t end = std::min(count, begin + peers.size());
    for (size_t i = begin; i < end; ++i)
      if (!peers[i - begin].Send(fmt::format("GET /b/get/{:05}.bin HTTP/1.1\r\nHost: x\r\n\r\n", i), false)) return 1;
    for (size_t i = begin; i < end; ++i)
      if (!GetOne(peers[i - begin], directory / fmt::format("{:05}.bin", i), block, options)) return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::vector<const char*> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--digests") {
      options.digests = true;
    } else if (word == "--direct") {
      options.direct = true;
    } else {
      words.push_back(argv[i]);
    }
  }
  if (words.size() < 3) return 2;
  const int port = std::atoi(words[1]);
  const char* last = words.size() > 3 ? words[3] : nullptr;
  int status = 2;
  if (std::string_view(words[0]) == "put") {
    status = Put(port, words[2], last, options);
  } else if (last != nullptr) {
    status = Get(port, words[2], std::strtoul(last, nullptr, 10), options);
  }
  if (status == 0) fmt::print("{}\n", digests_seen);
  return status;
}
