//! The platform's own reasons in Korean. Workers and the scheduler write them in English into the log; the set is closed.

use super::Phrase;

pub(super) const REASONS: &[Phrase] = &[
    // The scheduler.
    (
        "no device was asked for, so the {} pool with {} workers",
        "장치를 정하지 않아 {0} 풀(작업자 {1}대)로 보냈습니다",
    ),
    (
        "no device was asked for, so the {} pool with 1 worker",
        "장치를 정하지 않아 {0} 풀(작업자 1대)로 보냈습니다",
    ),
    ("no device was asked for, so the {} pool", "장치를 정하지 않아 {0} 풀로 보냈습니다"),
    ("the {} pool, as asked with {} workers", "말씀하신 대로 {0} 풀(작업자 {1}대)로 보냈습니다"),
    ("the {} pool, as asked with 1 worker", "말씀하신 대로 {0} 풀(작업자 1대)로 보냈습니다"),
    ("the {} pool, as asked", "말씀하신 대로 {0} 풀로 보냈습니다"),
    ("no {} worker is up, it starts when one joins", "지금 {0} 작업자가 없어, 하나가 들어오면 시작합니다"),
    (
        "no {} worker is up any more, so another pool may have it",
        "{0} 작업자가 모두 사라져 다른 풀을 기다립니다",
    ),
    (
        "it could not begin in time, so another job may have its slot of the quota",
        "제때 시작하지 못해 할당량의 자리를 다른 작업에 넘깁니다",
    ),
    ("the {} pool again, where nobody took it in time", "제때 맡은 작업자가 없어 {0} 풀에 다시 보냈습니다"),
    ("low priority", "우선순위 낮음"),
    ("normal priority", "우선순위 보통"),
    ("high priority", "우선순위 높음"),
    ("attempt {}", "{0}번째 시도"),
    // What a job waits for until the scheduler has spoken.
    ("its dataset is still being looked at", "데이터셋을 아직 살펴보고 있습니다"),
    (
        "no dispatcher is up, and nothing starts without one",
        "작업을 나눠 주는 디스패처가 없어 아무것도 시작되지 않습니다",
    ),
    ("no worker is up that could look at its dataset", "데이터셋을 살펴볼 수 있는 작업자가 없습니다"),
    (
        "all slots of the quota are taken ({}): the job waits for one",
        "할당량의 자리 {0}개가 모두 차 있어 기다립니다",
    ),
    (
        "the {} GPU hours of the quota are used up: ask an admin of your tenant for more",
        "할당량의 GPU {0}시간을 다 썼습니다. 관리자에게 더 요청하세요",
    ),
    ("what was approved cannot be trained: {}", "승인하신 설정으로 학습할 수 없습니다: {0}"),
    ("no worker is up that could take it", "맡을 수 있는 작업자가 없습니다"),
    ("every worker that could take it is being stopped", "맡을 수 있는 작업자가 모두 멈추는 중입니다"),
    ("the one slot of the {} pool is taken", "{0} 풀의 하나뿐인 자리가 차 있습니다"),
    ("all {} slots of the {} pool are taken", "{1} 풀의 자리 {0}개가 모두 차 있습니다"),
    ("of {} slots in the {} pool {} are free", "{1} 풀의 자리 {0}개 가운데 {2}개가 비어 있습니다"),
    (
        "it gets one in a moment, unless earlier jobs or its tenant's quota hold it back",
        "먼저 요청한 작업이나 할당량에 걸리지 않으면 곧 자리를 받습니다",
    ),
    ("it is the next of its tenant", "다음 차례입니다"),
    ("{} jobs or more were asked for earlier and wait too", "먼저 요청한 작업 {0}개 이상도 기다립니다"),
    ("{} jobs were asked for earlier and wait too", "먼저 요청한 작업 {0}개도 기다립니다"),
    ("1 job was asked for earlier and waits too", "먼저 요청한 작업 1개도 기다립니다"),
    // A dataset that is no good.
    ("there is nothing at {}", "{0}에 아무것도 없습니다"),
    ("{} is a file, not a folder", "{0}은(는) 폴더가 아니라 파일입니다"),
    ("{} cannot be looked at: {}", "{0}을(를) 들여다볼 수 없습니다({1})"),
    ("the folder {} cannot be read: {}", "폴더 {0}을(를) 읽을 수 없습니다({1})"),
    ("there are more than {} files", "파일이 {0}개보다 많습니다"),
    ("there are split folders ({}) but none to train on", "나뉜 폴더({0})는 있지만 학습용 폴더가 없습니다"),
    ("the folder is empty", "폴더가 비어 있습니다"),
    ("the folder has no images", "폴더에 이미지가 없습니다"),
    ("there are files but no class folders", "파일은 있지만 클래스 폴더가 없습니다"),
    ("there is only the folder {}, with folders inside it", "폴더 {0} 하나만 있고 그 안에 폴더들이 있습니다"),
    ("there is only one class, {}", "클래스가 {0} 하나뿐입니다"),
    ("the class name {} is longer than {} characters", "클래스 이름 {0}이(가) {1}자보다 깁니다"),
    (
        "this looks like {}, which holds boxes, not classes of images",
        "{0} 형식으로 보입니다. 이미지의 클래스가 아니라 상자를 담는 형식입니다",
    ),
    ("the class {} has no readable image to train on", "클래스 {0}에 학습할 수 있는 이미지가 없습니다"),
    ("{} of {} files cannot be used, more than {} %", "파일 {1}개 가운데 {0}개를 쓸 수 없습니다(한도 {2} %)"),
    (
        "every class has one image, so none is left to validate on",
        "클래스마다 이미지가 한 장뿐이라 검증할 이미지가 남지 않습니다",
    ),
    ("the validation folder has no readable image", "검증 폴더에 읽을 수 있는 이미지가 없습니다"),
    (
        "no worker has finished looking at it, though {} were asked",
        "작업자에게 {0}번 부탁했지만 살펴보기를 마치지 못했습니다",
    ),
    (
        "look at the workers' logs, then register the dataset again",
        "작업자의 로그를 확인한 뒤 데이터셋을 다시 등록해 주세요",
    ),
    ("train again on a dataset under another path", "다른 경로의 데이터셋으로 다시 학습해 주세요"),
    ("it could not be inspected: {}", "살펴보지 못했습니다({0})"),
    ("looking at it takes more than {} minutes", "살펴보는 데 {0}분이 넘게 걸립니다"),
    ("its description does not fit into the log: {}", "설명이 너무 커서 기록할 수 없습니다({0})"),
    (
        "{} is not supported yet; name a folder that the workers can read",
        "{0}은(는) 아직 지원하지 않습니다. 작업자가 읽을 수 있는 폴더를 알려 주세요",
    ),
    // What to do about it.
    (
        "check the path; it is read on the worker's machine",
        "경로를 확인해 주세요. 작업자의 컴퓨터에서 읽습니다",
    ),
    (
        "give the worker the right to read it, or name another path",
        "작업자에게 읽기 권한을 주거나 다른 경로를 알려 주세요",
    ),
    ("unpack it if it is an archive, and name the folder", "압축 파일이면 풀고 그 폴더를 알려 주세요"),
    ("train on a part of them", "일부만으로 학습해 주세요"),
    ("name the folder of training images `train`", "학습용 이미지 폴더의 이름을 `train`으로 해 주세요"),
    (
        "name a folder that holds one folder of images for each class",
        "클래스마다 이미지 폴더가 하나씩 있는 폴더를 알려 주세요",
    ),
    ("put images into a folder for each class", "클래스마다 폴더를 만들어 이미지를 넣어 주세요"),
    (
        "make one folder for each class and put its images there: cats/1.jpg, dogs/1.jpg",
        "클래스마다 폴더를 만들고 이미지를 넣어 주세요. 예: cats/1.jpg, dogs/1.jpg",
    ),
    (
        "if the classes are inside it, name {} as the dataset",
        "클래스가 그 안에 있으면 {0}을(를) 데이터셋으로 알려 주세요",
    ),
    (
        "a classifier tells at least two classes apart: add a folder for another class",
        "분류에는 클래스가 둘 이상 필요합니다. 다른 클래스의 폴더를 더해 주세요",
    ),
    (
        "one folder for each class, not for each image",
        "이미지마다가 아니라 클래스마다 폴더를 하나씩 만들어 주세요",
    ),
    ("give the folder a shorter name", "폴더 이름을 줄여 주세요"),
    (
        "to classify, name a folder that holds one folder of images for each class",
        "분류하려면 클래스마다 이미지 폴더가 하나씩 있는 폴더를 알려 주세요",
    ),
    (
        "put images into its folder, or remove the folder {}",
        "그 폴더에 이미지를 넣거나, 폴더 {0}을(를) 없애 주세요",
    ),
    (
        "repair or remove the files in the report, then name the dataset again",
        "보고된 파일을 고치거나 없앤 뒤 데이터셋을 다시 말씀해 주세요",
    ),
    (
        "add images: one part of each class is learned from, another checks what was learned",
        "이미지를 더해 주세요. 클래스마다 일부로 배우고 일부로 확인합니다",
    ),
    (
        "put images there, or remove the folder and a part of the training images is used instead",
        "거기에 이미지를 넣거나 폴더를 없애 주세요. 없으면 학습용 이미지의 일부로 확인합니다",
    ),
    ("register the dataset under another path", "데이터셋을 다른 경로로 등록해 주세요"),
    (
        "repair what the message names, then register the dataset again",
        "메시지가 가리키는 것을 고친 뒤 데이터셋을 다시 등록해 주세요",
    ),
    ("move it to a faster disk, or split it", "더 빠른 디스크로 옮기거나 나눠 주세요"),
    ("use fewer classes, or shorter names for them", "클래스를 줄이거나 이름을 짧게 해 주세요"),
    // What is unusual about one.
    ("{} files are left out, the first is {}: it {}", "파일 {0}개를 뺐습니다. 첫 번째는 {1}입니다({2})"),
    (
        "{} files are no images of a class and are ignored",
        "클래스의 이미지가 아닌 파일 {0}개는 쓰지 않습니다",
    ),
    ("classes are uneven: {} images of {}, {} of {}", "클래스가 고르지 않습니다: {1} {0}장, {3} {2}장"),
    (
        "{} classes have no validation image, so their accuracy stays unknown: {}",
        "클래스 {0}개는 검증 이미지가 없어 정확도를 알 수 없습니다: {1}",
    ),
    (
        "{} classes have one image, which is trained on, so their accuracy stays unknown: {}",
        "클래스 {0}개는 이미지가 한 장뿐이라 정확도를 알 수 없습니다: {1}",
    ),
    (
        "{} images are in training and in validation or test, which flatters the accuracy: {} is {}",
        "이미지 {0}장이 학습과 검증에 함께 있어 정확도가 부풀려집니다: {1} = {2}",
    ),
    ("{} images are under two classes: {} is {}", "이미지 {0}장이 두 클래스에 함께 있습니다: {1} = {2}"),
    // A training that failed or ended early.
    ("the loss is no longer a number at step {}", "스텝 {0}에서 손실이 숫자가 아니게 되었습니다(발산)"),
    ("the validation loss is no longer a number", "검증 손실이 숫자가 아니게 되었습니다(발산)"),
    ("lower learning_rate from {} to {}", "학습률을 {0}에서 {1}(으)로 낮춰 주세요"),
    (
        "train with a lower learning rate, or look at the data",
        "학습률을 낮춰 다시 학습하거나 데이터를 살펴봐 주세요",
    ),
    (
        "the system killed the trainer because memory ran out",
        "메모리가 모자라 시스템이 학습 프로그램을 끝냈습니다",
    ),
    (
        "it is tried again with half the batch at a time; a smaller batch or image size needs less memory",
        "배치를 절반씩 나눠 다시 시도합니다. 배치나 이미지 크기를 줄이면 메모리를 덜 씁니다",
    ),
    ("the trainer was ended by {} without a word", "학습 프로그램이 {0} 신호로 말없이 끝났습니다"),
    (
        "the console's last lines may say why; if somebody stopped it on purpose, cancel the job instead",
        "마지막 출력에 까닭이 있을 수 있습니다. 일부러 멈추려면 작업을 취소해 주세요",
    ),
    (
        "{} attempts in a row were lost with their workers and got it no further: {}",
        "시도 {0}번이 잇달아 작업자와 함께 사라졌고 더 나아가지 못했습니다: {1}",
    ),
    (
        "look at the logs and the memory of these workers, then resume the job or train with a smaller batch or image size",
        "이 작업자들의 로그와 메모리를 확인한 뒤 이어서 학습하거나 배치나 이미지 크기를 줄여 주세요",
    ),
    ("the trainer has said nothing for {} minutes", "학습 프로그램이 {0}분 동안 아무 말도 하지 않았습니다"),
    (
        "the console's last lines may say where it hangs; it is tried again",
        "마지막 출력에 멈춘 곳이 있을 수 있습니다. 다시 시도합니다",
    ),
    ("the trainer refuses the configuration", "학습 프로그램이 설정을 받아들이지 않습니다"),
    (
        "the console's last lines say what is wrong with it; propose the training again with that changed",
        "마지막 출력에 무엇이 잘못인지 있습니다. 고쳐서 다시 제안해 주세요",
    ),
    ("the trainer refuses the dataset", "학습 프로그램이 데이터셋을 받아들이지 않습니다"),
    (
        "the console's last lines say what is wrong with it; repair the dataset and train again",
        "마지막 출력에 무엇이 잘못인지 있습니다. 데이터셋을 고치고 다시 학습해 주세요",
    ),
    (
        "the trainer ended with exit code {} and without saying why",
        "학습 프로그램이 까닭을 말하지 않고 종료 코드 {0}(으)로 끝났습니다",
    ),
    ("the console's last lines may say why", "마지막 출력에 까닭이 있을 수 있습니다"),
    (
        "the dataset is not the one that was validated: its files have changed",
        "데이터셋이 확인한 뒤에 바뀌었습니다",
    ),
    ("name the dataset again, so that it is looked at again", "데이터셋을 다시 말씀하시면 다시 살펴봅니다"),
    ("libtorch finds no GPU on this worker", "이 작업자에서 GPU를 찾지 못했습니다"),
    ("the initial weights cannot be used: {}", "초기 가중치를 쓸 수 없습니다: {0}"),
    ("the initial weights are of another model: {}", "초기 가중치가 다른 모델의 것입니다({0})"),
    ("the initial weights {} are not on this worker", "초기 가중치 {0}이(가) 이 작업자에 없습니다"),
    ("{} cannot be read or written: {}", "{0}을(를) 읽거나 쓸 수 없습니다({1})"),
    ("{} is not a usable safetensors file: {}", "{0}은(는) 쓸 수 있는 safetensors 파일이 아닙니다({1})"),
    ("No such file or directory (os error 2)", "없는 파일입니다"),
    ("Permission denied (os error 13)", "권한이 없습니다"),
    ("No space left on device (os error 28)", "디스크에 자리가 없습니다"),
    (
        "name a safetensors file of this model, or leave initial_weights out",
        "이 모델의 safetensors 파일을 알려 주시거나 초기 가중치를 빼 주세요",
    ),
    (
        "name a path that the worker can read, or leave initial_weights out",
        "작업자가 읽을 수 있는 경로를 알려 주시거나 초기 가중치를 빼 주세요",
    ),
    (
        "name weights of the configured model, or configure the model of these weights",
        "설정한 모델의 가중치를 알려 주시거나 모델을 가중치에 맞춰 주세요",
    ),
    ("no model {} that can {} is built in", "{0}은(는) {1}을(를) 할 수 있는 내장 모델이 아닙니다"),
    ("choose one of {}", "다음 가운데 골라 주세요: {0}"),
    ("batch normalisation cannot learn from one image", "배치 크기가 1이면 배치 정규화가 배울 수 없습니다"),
    ("set batch_size to 2 or more", "배치 크기를 2 이상으로 해 주세요"),
    (
        "image_size {} is no multiple of {}, the cells of a detector",
        "탐지 모델의 이미지 크기 {0}은(는) {1}의 배수가 아닙니다",
    ),
    ("set image_size to {} or {}", "이미지 크기를 {0}이나 {1}(으)로 해 주세요"),
    ("a detector sees whole images in their own shape", "탐지 모델은 이미지 전체를 제 비율로 봅니다"),
    ("set resize to letterbox", "크기 맞춤을 레터박스로 해 주세요"),
    (
        "batch_size {} is larger than the {} training images",
        "배치 크기 {0}이(가) 학습 이미지 {1}장보다 큽니다",
    ),
    ("set batch_size to at most {}", "배치 크기를 {0} 이하로 해 주세요"),
    (
        "a batch of {} in {} parts leaves parts that are too small for batch normalisation to learn from",
        "배치 {0}을(를) {1}개로 나누면 배치 정규화가 배우기에 너무 작습니다",
    ),
    ("use a larger batch_size or more images", "배치 크기를 키우거나 이미지를 더해 주세요"),
    ("use a smaller batch_size or image_size", "배치 크기나 이미지 크기를 줄여 주세요"),
    ("no image of the chosen classes is left to validate on", "고른 클래스에 검증할 이미지가 남지 않습니다"),
    ("no training image has a box of the chosen classes", "고른 클래스의 박스가 있는 학습 이미지가 없습니다"),
    ("label some, or choose other classes", "라벨을 더하거나 다른 클래스를 골라 주세요"),
    ("the dataset has no class {}", "데이터셋에 없는 클래스입니다: {0}"),
    ("its classes are {}", "데이터셋의 클래스: {0}"),
    ("a classifier tells at least two classes apart", "분류에는 클래스가 둘 이상 필요합니다"),
    ("name two or more of {}", "다음 가운데 둘 이상을 골라 주세요: {0}"),
    (
        "the checkpoint is of another configuration or of other data",
        "체크포인트가 다른 설정이나 다른 데이터의 것입니다",
    ),
    (
        "resume with the configuration it was made with, or start again without it",
        "같은 설정으로 이어서 하거나 처음부터 다시 시작해 주세요",
    ),
    (
        "start again without a checkpoint, or from an older one",
        "처음부터 다시 시작하거나 더 오래된 체크포인트에서 시작해 주세요",
    ),
    ("read the console above, then try again", "콘솔을 확인한 뒤 다시 시도해 주세요"),
    (
        "read the console above; this is likely a fault of the trainer",
        "콘솔을 확인해 주세요. 학습기의 결함일 수 있습니다",
    ),
    (
        "try again on another worker; if it stays, look at the driver on this one",
        "다른 작업자에서 다시 시도해 주세요. 그래도 같으면 이 작업자의 드라이버를 확인해 주세요",
    ),
    ("correct the configuration", "설정을 고쳐 주세요"),
    (
        "validation {} did not rise above {} of epoch {} for {} epochs",
        "검증 {0}이(가) {3} 에폭 동안 {2} 에폭의 {1}을(를) 넘지 못했습니다",
    ),
    ("asked for by {} in a chat", "{0}님이 대화에서 취소했습니다"),
];
